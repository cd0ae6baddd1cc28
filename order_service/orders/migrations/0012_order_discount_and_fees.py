"""Sums of an order beside shipping. PostgreSQL adds them without writing a row; the version before
writes orders without them, and they are 0.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_delivery_due_at_index")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "order",
            "discount",
            models.DecimalField(decimal_places=2, max_digits=12, default=0, db_default=0),
        ),
        migrations.AddField(
            "order",
            "fees",
            models.DecimalField(decimal_places=2, max_digits=12, default=0, db_default=0),
        ),
    ]
