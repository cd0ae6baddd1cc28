"""Mails to the owner that are due, found without reading those that were sent."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0010_delivery_due_at")]

    operations = [
        # What broke off would be in the way of the next try.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS delivery_due_at", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "delivery",
            models.Index(
                fields=["due_at"],
                name="delivery_due_at",
                condition=models.Q(
                    due_at__isnull=False, sent_at__isnull=True, attention_at__isnull=True
                ),
            ),
        ),
    ]
