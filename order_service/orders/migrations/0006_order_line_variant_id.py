"""The variant that a line is of. PostgreSQL adds an empty column without writing a row.

Lines that are there already keep null: this database has no variants to look them up in, and their
orders go on by SKU.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_delivery_order_cancelled")]

    operations = [
        migrations.AddField("orderline", "variant_id", models.BigIntegerField(null=True)),
    ]
