"""When an order's links were revoked or made anew, and the mail that brings the new one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_order_undecided")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="link_renewed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("order_confirmation", "Order Confirmation"),
                    ("order_link", "Order Link"),
                ],
                max_length=30,
            ),
        ),
    ]
