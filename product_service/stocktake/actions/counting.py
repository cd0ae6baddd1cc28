"""Opens count sheets and writes down what was counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from product_service.inventory.actions import open_stock
from product_service.inventory.models import StockItem
from product_service.stocktake.models import CountLine, StockTake


@dataclass(frozen=True)
class Typed:
    """A count in the table, and what the page showed there before."""

    pieces: int | None
    seen: int | None


@dataclass
class Counted:
    """What has become of a form: lines that somebody else had counted meanwhile stay theirs."""

    saved: int = 0
    clashes: dict[CountLine, Typed] = field(default_factory=dict)


@transaction.atomic
def open_sheet(*, name: str, variant_ids: Iterable[int], actor: str) -> StockTake:
    """A sheet with a line for each variant."""
    sheet = StockTake.objects.create(name=name, opened_by=actor)
    add_lines(sheet, variant_ids)
    return sheet


def add_lines(sheet: StockTake, variant_ids: Iterable[int]) -> None:
    ids = list(variant_ids)
    open_stock(variant_ids=ids)
    lines = [CountLine(stock_take=sheet, variant_id=variant_id) for variant_id in ids]
    CountLine.objects.bulk_create(lines, ignore_conflicts=True)


@transaction.atomic
def count(
    *,
    sheet: StockTake,
    typed: Mapping[int, Typed],
    added: Mapping[int, int],
    reference: uuid.UUID,
    at: datetime,
    actor: str,
) -> Counted:
    """Set the counts that were `typed` by variant, and add those that were `added`.

    `at` is when it was counted. A count that somebody else has changed since the page was opened
    is left alone and told. A `reference` that was used before adds nothing.
    """
    row = StockTake.objects.select_for_update().get(pk=sheet.pk)
    result = Counted()
    if row.booked_at is not None:
        return result
    if reference in row.references:
        added = {}
    elif added:
        row.references = [*row.references, reference]
        row.save(update_fields=["references"])
        add_lines(row, added)
    changed = _changed(row, typed, added, result)
    books = on_books(changed, at)
    for line, pieces in changed.items():
        line.counted, line.counted_by = pieces, actor if pieces is not None else ""
        line.on_books = books[line.variant_id] if pieces is not None else None
        line.counted_at = at if pieces is not None else None
    CountLine.objects.bulk_update(changed, ["counted", "on_books", "counted_at", "counted_by"])
    result.saved = len(changed)
    return result


def _changed(
    sheet: StockTake, typed: Mapping[int, Typed], added: Mapping[int, int], result: Counted
) -> dict[CountLine, int | None]:
    """The lines that get another count; clashes go into `result`."""
    changed: dict[CountLine, int | None] = {}
    for line in sheet.lines.select_related("variant"):
        pieces, new = line.counted, typed.get(line.variant_id)
        if new is not None and new.pieces not in (new.seen, line.counted):
            if line.counted != new.seen:
                result.clashes[line] = new
            else:
                pieces = new.pieces
        if more := added.get(line.variant_id):
            pieces = (pieces or 0) + more
        if pieces != line.counted:
            changed[line] = pieces
    return changed


def on_books(lines: Iterable[CountLine], at: datetime) -> dict[int, int]:
    """What the books say was on hand at that moment, by variant."""
    later = Sum("movements__d_on_hand", filter=Q(movements__at__gt=at))
    items = StockItem.objects.filter(pk__in=[line.variant_id for line in lines])
    then = items.annotate(then=F("on_hand") - Coalesce(later, 0))
    return dict(then.values_list("pk", "then"))


@transaction.atomic
def discard(*, sheet: StockTake) -> bool:
    """Throw an open sheet away; whether it was open."""
    deleted, _ = StockTake.objects.filter(pk=sheet.pk, booked_at=None).delete()
    return deleted > 0
