"""The mail to the owner. Orders that were confirmed before it existed get none.

The version before does not see these rows: it looks at `next_attempt_at`, which is null in them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_delivery_channel")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField("delivery", "due_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "delivery",
            "topic",
            models.CharField(
                choices=[
                    ("order_confirmation", "Order Confirmation"),
                    ("order_cancelled", "Order Cancelled"),
                    ("order_link", "Order Link"),
                    ("new_order", "New Order"),
                ],
                db_column="kind",
                max_length=30,
            ),
        ),
        migrations.AlterField(
            "delivery",
            "channel",
            models.CharField(
                choices=[("mail", "Mail to the shopper"), ("owner_mail", "Mail to the owner")],
                db_default="mail",
                default="mail",
                max_length=20,
            ),
        ),
    ]
