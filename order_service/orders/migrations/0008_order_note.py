"""What the shopper wrote to the shop. Rows of older programs get "" by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_delivery_unanswered")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "order",
            "note",
            models.CharField(max_length=500, blank=True, default="", db_default=""),
        ),
    ]
