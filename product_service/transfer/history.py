"""Who did what with an import: in the history of the import, and in those of products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from product_service.catalogue.models import Product
from product_service.transfer.models import Import


def note(row: Import | Product, user: Any, message: str) -> None:
    LogEntry.objects.create(**_entry(row, user.pk, message))


def note_products(of: Import, messages: Mapping[Product, str]) -> None:
    """Nothing without a person: whoever asked has left the shop meanwhile."""
    if of.user_id:
        LogEntry.objects.bulk_create(
            LogEntry(**_entry(product, of.user_id, f"{of}: {message}"))
            for product, message in messages.items()
        )


def _entry(row: Import | Product, user_id: int, message: str) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "content_type": ContentType.objects.get_for_model(row),
        "object_id": str(row.pk),
        "object_repr": str(row)[:200],
        "action_flag": CHANGE,
        "change_message": message,
    }
