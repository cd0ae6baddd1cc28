"""Asks for a bulk change and finds out what it would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from product_service.bulk.lines import Found, find, lines_of
from product_service.bulk.models import BulkChange, Kind

BATCH = 1000
READY = (Kind.PUBLISH, Kind.UNPUBLISH)  # need no rule


@transaction.atomic
def ask(*, kind: str, product_ids: Iterable[int], actor: str) -> BulkChange:
    """Choose the products; a change that needs no rule is previewed at once."""
    change = BulkChange.objects.create(kind=kind, product_ids=sorted(product_ids), actor=actor)
    if kind in READY:
        preview(change=change, rule={})
    return change


@transaction.atomic
def preview(*, change: BulkChange, rule: Mapping[str, Any]) -> None:
    """Find and keep what `change` would do under `rule`; one that was made stays as it is."""
    row = BulkChange.objects.select_for_update().get(pk=change.pk)
    if row.made_at is not None:
        return
    row.rule = dict(rule)
    keep(row, find(row))


def keep(change: BulkChange, found: Found) -> None:
    """Let the preview be what was found."""
    lines_of(change).all().delete()
    lines_of(change).model.objects.bulk_create(found.lines, batch_size=BATCH)
    change.left_out = {reason: number for reason, number in found.left_out.items() if number}
    change.previewed_at = timezone.now()
    change.save(update_fields=["rule", "left_out", "previewed_at"])
