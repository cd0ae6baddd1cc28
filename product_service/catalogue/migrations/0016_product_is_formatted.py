"""A description may be Markdown. Those that are there are not, and look as they did; the version before
shows the marks of those that are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0015_product_facts_of_law")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "product",
            "is_formatted",
            models.BooleanField(default=False, db_default=False),
        ),
    ]
