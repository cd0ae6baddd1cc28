"""The variant that a line is of. PostgreSQL adds an empty column without writing a row.

Lines that are there already keep null: this database has no variants to look them up in, and their
orders go on by SKU.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_delivery_order_cancelled")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField("orderline", "variant_id", models.BigIntegerField(null=True)),
    ]
