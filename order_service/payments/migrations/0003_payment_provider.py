"""Which provider a payment is made with. The version before writes no provider: it has the sandbox alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_append_only")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "payment", "provider", models.CharField(max_length=20, db_default="sandbox")
        ),
    ]
