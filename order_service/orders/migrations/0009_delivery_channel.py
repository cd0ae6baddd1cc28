"""What a delivery tells is its topic, and a channel says whom and how.

The column of the topic keeps the name `kind`. Rows of the version before, and those that it goes on
writing, are mails to the shopper.
"""

from django.db import migrations, models

TOPICS = [
    ("order_confirmation", "Order Confirmation"),
    ("order_cancelled", "Order Cancelled"),
    ("order_link", "Order Link"),
]


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_order_note")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AlterField(
            "delivery", "kind", models.CharField(choices=TOPICS, db_column="kind", max_length=30)
        ),
        migrations.RenameField("delivery", "kind", "topic"),
        migrations.AddField(
            "delivery",
            "channel",
            models.CharField(
                choices=[("mail", "Mail to the shopper")], db_default="mail", default="mail", max_length=20
            ),
        ),
    ]
