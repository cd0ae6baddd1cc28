"""How often a mail was handed over and not answered. Rows of older programs get 0 by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_order_line_variant_id")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "delivery", "unanswered", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
    ]
