"""What somebody else changed since a file was compared with the catalogue: who, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from product_service.catalogue.models import Product
from product_service.inventory.models import Reason, StockMovement

BY_ORDERS = (Reason.RESERVE, Reason.RELEASE, Reason.EXPIRE, Reason.COMMIT, Reason.RESTOCK)


def last_to_change(products: Collection[Product], since: datetime) -> dict[int, str]:
    """By the product's id: “anna at 14:02 CET”."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Product),
        object_id__in=[str(product.pk) for product in products],
        action_time__gte=since,
    ).select_related("user")
    return {
        int(entry.object_id or 0): f"{entry.user.get_username()} at {_clock(entry.action_time)}"
        for entry in entries.order_by("action_time")
    }


def last_to_count(variants: Collection[int], since: datetime) -> dict[int, str]:
    """By the variant's id, of those whose stock a person changed; orders may go on selling."""
    movements = StockMovement.objects.filter(stock_item__in=variants, at__gte=since)
    return {
        each.stock_item_id: f"{each.actor.removeprefix('staff:')} at {_clock(each.at)}"
        for each in movements.exclude(reason__in=BY_ORDERS).order_by("at")
    }


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M %Z}"
