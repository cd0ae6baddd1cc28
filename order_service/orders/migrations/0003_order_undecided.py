"""Undecided orders are few and asked for all the time; decided ones are many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0002_order_moves")]

    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(
                fields=["placed_at"],
                name="order_undecided",
                condition=~models.Q(state__in=["cancelled", "confirmed"]),
            ),
        )
    ]
