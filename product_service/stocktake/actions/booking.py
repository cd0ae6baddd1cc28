"""Books the differences of a count sheet, all of them at once."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from product_service.inventory.models import Reason, StockItem
from product_service.inventory.movements import LockedStock, Movement
from product_service.inventory.transactions import in_transaction
from product_service.stocktake.models import CountLine, StockTake


class NotBooked(Exception):
    """Nothing was booked; its text says why to the person who wanted to."""


class CountsHaveChanged(NotBooked):
    """Somebody has changed a count since the differences were shown."""


class OrdersHoldMore(NotBooked):
    """Orders hold more pieces of a variant than its count leaves."""


@in_transaction
def book(*, sheet: StockTake, seen: str, reason: str, user: Any) -> int:
    """Add each difference to the stock of now; returns how many. Booked once, however often sent.

    Raises CountsHaveChanged if `seen` is not the stamp of its lines, and OrdersHoldMore; nothing
    is booked then.
    """
    row = StockTake.objects.select_for_update().get(pk=sheet.pk)
    lines = differing(row)
    if row.booked_at is not None:
        return len(lines)
    if seen != stamp(row):
        raise CountsHaveChanged("Somebody has changed a count. Look at the differences again.")
    _move(row, lines, reason, f"staff:{user.get_username()}"[:80])
    row.booked_at, row.booked_by, row.reason = timezone.now(), user.get_username(), reason
    row.save(update_fields=["booked_at", "booked_by", "reason"])
    _note(row, lines, user)
    return len(lines)


def differing(sheet: StockTake) -> list[CountLine]:
    """Its counted lines that are not as on the books."""
    return [line for line in sheet.lines.select_related("variant__product") if line.difference]


def stamp(sheet: StockTake) -> str:
    """Names what was counted so far."""
    counted = sheet.lines.exclude(counted=None).order_by("pk")
    content = list(counted.values_list("pk", "counted", "on_books"))
    return blake2b(repr(content).encode(), digest_size=12).hexdigest()


def _move(sheet: StockTake, lines: list[CountLine], reason: str, actor: str) -> None:
    note = f"{sheet.name}: {reason}"[:200] if reason else sheet.name
    skus = {line.variant_id: line.variant.sku for line in lines}
    movements = [
        Movement(
            f"stocktake:{sheet.pk}:{line.variant_id}",
            line.variant_id,
            line.difference or 0,
            0,
            Reason.COUNTED,
            actor,
            note=note,
        )
        for line in lines
    ]
    stock = LockedStock(skus)
    if refused := stock.move(movements):
        short = ", ".join(sorted(skus[movement.variant_id] for movement in refused))
        raise OrdersHoldMore(f"Orders hold more than was counted of {short}. Count again.")
    stock.write()


def _note(sheet: StockTake, lines: list[CountLine], user: Any) -> None:
    kind = ContentType.objects.get_for_model(StockItem)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user.pk,
            content_type=kind,
            object_id=str(line.variant_id),
            object_repr=line.variant.sku,
            action_flag=CHANGE,
            change_message=f"Stock-take {sheet.name}: {line.difference:+d}. {sheet.reason}".strip(),
        )
        for line in lines
    )
