"""The mail about a cancelled order. Orders that were cancelled before it existed get none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_order_link_renewed_at")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("order_confirmation", "Order Confirmation"),
                    ("order_cancelled", "Order Cancelled"),
                    ("order_link", "Order Link"),
                ],
                max_length=30,
            ),
        ),
    ]
