"""The rows of one reservation, inside the transaction of an action and under its lock."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.db.models.functions import Now

from chassis.errors import NotFound
from product_service.inventory.models import Reason, Reservation, ReservationLine, State
from product_service.inventory.movements import Movement, Seen, move, move_or_see
from product_service.inventory.querysets import ReservationQuerySet
from product_service.shapes import ShortLine

# What each reason adds to (on_hand, reserved) per piece.
SIGNS: Mapping[str, tuple[int, int]] = {
    Reason.RESERVE: (0, 1),
    Reason.RELEASE: (0, -1),
    Reason.EXPIRE: (0, -1),
    Reason.COMMIT: (-1, -1),
    Reason.RESTOCK: (1, 0),
}


class StockDisagrees(Exception):
    """A stock item lacks what a reservation holds or has sold: its numbers are wrong."""


INSERT = """
INSERT INTO reservation (order_id, fingerprint, state, hold, expires_at)
VALUES (%s, %s, %s, 1, statement_timestamp() + %s) ON CONFLICT DO NOTHING RETURNING *
"""
# The SKU counts only where no variant id is given: it may have been corrected since the order.
INSERT_LINES = """
INSERT INTO reservation_line (reservation_id, sku, variant_id, quantity)
SELECT %s, wanted.sku, variant.id, wanted.quantity
FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS wanted (sku, quantity, variant_id)
LEFT JOIN variant by_sku ON by_sku.sku = wanted.sku
LEFT JOIN variant ON variant.id = coalesce(wanted.variant_id, by_sku.id)
RETURNING *
"""


@dataclass(frozen=True)
class Wanted:
    """What an order wants of a variant, under the SKU that the order has on paper."""

    sku: str
    quantity: int
    variant_id: int | None = None  # None: whichever variant has the SKU now


def insert(order_id: uuid.UUID, fingerprint: str, state: str, ttl: timedelta) -> Reservation | None:
    """The new row, or None if the id is known. A twin waits here until the first has committed."""
    new = Reservation.objects.raw(INSERT, [order_id, fingerprint, state, ttl])
    return next(iter(new), None)


def insert_lines(reservation: Reservation, wanted: Sequence[Wanted]) -> list[ReservationLine]:
    columns = [list(column) for column in zip(*map(astuple, wanted), strict=True)]
    new = ReservationLine.objects.raw(INSERT_LINES, [reservation.pk, *columns])
    return in_lock_order(new)


def lines_of(reservation: Reservation) -> list[ReservationLine]:
    """Read once: the answer over HTTP shows the same."""
    prefetch_related_objects([reservation], "lines")
    return in_lock_order(reservation.lines.all())


def in_lock_order(lines: Iterable[ReservationLine]) -> list[ReservationLine]:
    """By variant id: the one order in which stock items are locked, so that none wait in a ring."""
    return sorted(lines, key=lambda line: line.variant_id or 0)


def locked(order_id: uuid.UUID) -> Reservation:
    return found(order_id, Reservation.objects.select_for_update())


def found(order_id: uuid.UUID, among: ReservationQuerySet) -> Reservation:
    """Raises NotFound."""
    reservation = among.filter(pk=order_id).first()
    if reservation is None:
        raise NotFound("No reservation has this order id.")
    return reservation


def is_overdue(reservation: Reservation) -> bool:
    return Reservation.objects.overdue().filter(pk=reservation.pk).exists()


def set_state(reservation: Reservation, state: str, **changes: Any) -> None:
    """Write the state. With `changes`, which may be expressions, the row is read again."""
    own = Reservation.objects.filter(pk=reservation.pk)
    own.update(state=state, updated_at=Now(), **changes)
    if changes:
        reservation.refresh_from_db()
    else:
        reservation.state = state


def hold(reservation: Reservation, lines: list[ReservationLine], actor: str) -> Reservation:
    """Take the stock of a new or expired reservation, or refuse it and note why."""
    before = transaction.savepoint() if len(lines) > 1 else None
    short = {line.pk: seen for line in lines if (seen := _take(reservation, line, actor))}
    if not short:
        return reservation
    if before is not None:
        transaction.savepoint_rollback(before)
    for pk, seen in short.items():
        ReservationLine.objects.filter(pk=pk).update(
            available_seen=seen.available, seen_version=seen.version
        )
    set_state(reservation, State.REFUSED)
    return reservation


def move_lines(reservation: Reservation, reason: str, actor: str) -> None:
    """Commit, release, expire or restock every line. Raises StockDisagrees, which is our bug."""
    for line in lines_of(reservation):
        movement = _movement(reservation, line, reason, actor)
        if not move(movement):
            raise StockDisagrees(f"stock does not allow {movement.reference}")


def short_lines(reservation: Reservation) -> list[ShortLine]:
    short = reservation.lines.filter(seen_version__isnull=False).order_by("sku")
    return [
        {"sku": line.sku, "wanted": line.quantity, "available": max(line.available_seen or 0, 0)}
        for line in short
    ]


def _take(reservation: Reservation, line: ReservationLine, actor: str) -> Seen | None:
    if line.variant_id is None:
        return Seen(available=0, version=0)
    return move_or_see(_movement(reservation, line, Reason.RESERVE, actor))


def _movement(reservation: Reservation, line: ReservationLine, reason: str, actor: str) -> Movement:
    on_hand, reserved = SIGNS[reason]
    return Movement(
        reference=f"{reservation.order_id}:{reservation.hold}:{reason}:{line.pk}",
        variant_id=line.variant_id or 0,
        d_on_hand=on_hand * line.quantity,
        d_reserved=reserved * line.quantity,
        reason=reason,
        actor=actor,
        order_id=reservation.order_id,
    )
