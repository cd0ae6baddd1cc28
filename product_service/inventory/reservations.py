"""The rows of reservations, inside the transaction of an action and under their locks.

Lock order, everywhere: new reservations by order id, then known ones by order id, then stock items
by variant id. So no two transactions wait for each other in a ring.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.db import connection
from django.db.models import Model

from chassis.errors import NotFound
from product_service.inventory.models import Reason, Reservation, ReservationLine, State
from product_service.inventory.movements import LockedStock, Movement
from product_service.shapes import ShortLine

# What each reason adds to (on_hand, reserved) per piece.
SIGNS: Mapping[str, tuple[int, int]] = {
    Reason.RESERVE: (0, 1),
    Reason.RELEASE: (0, -1),
    Reason.EXPIRE: (0, -1),
    Reason.COMMIT: (-1, -1),
    Reason.RESTOCK: (1, 0),
}
# A twin waits at the first INSERT until the other has committed. The SKU of a line counts only
# where no variant id is given: it may have been corrected since the order.
INSERT = """
WITH new AS (
    INSERT INTO reservation (order_id, fingerprint, state, hold, expires_at)
    SELECT order_id, fingerprint, %s, 1, statement_timestamp() + ttl
    FROM unnest(%s::uuid[], %s::text[], %s::interval[]) AS wish (order_id, fingerprint, ttl)
    ORDER BY order_id ON CONFLICT DO NOTHING RETURNING order_id
), lines AS (
    INSERT INTO reservation_line (reservation_id, sku, variant_id, quantity)
    SELECT new.order_id, wanted.sku, variant.id, wanted.quantity
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::bigint[])
        AS wanted (order_id, sku, quantity, variant_id)
    JOIN new ON new.order_id = wanted.order_id
    LEFT JOIN variant by_sku ON by_sku.sku = wanted.sku
    LEFT JOIN variant ON variant.id = coalesce(wanted.variant_id, by_sku.id)
)
SELECT order_id FROM new
"""
RENEW = """
UPDATE reservation SET
    state = 'held', hold = hold + (state = 'expired')::int,
    expires_at = statement_timestamp() + ttl, updated_at = statement_timestamp()
FROM unnest(%s::uuid[], %s::interval[]) AS late (id, ttl)
WHERE order_id = late.id RETURNING order_id, hold, expires_at
"""


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


COLUMNS = {model: _columns(model) for model in (Reservation, ReservationLine)}
READ = f"""
SELECT {", ".join(COLUMNS[Reservation])}, state = 'held' AND expires_at <= statement_timestamp()
FROM reservation WHERE order_id = ANY(%s) ORDER BY order_id
"""  # noqa: S608
LOCK = f"{READ} FOR UPDATE"
LINES = f"""
SELECT {", ".join(COLUMNS[ReservationLine])}
FROM reservation_line WHERE reservation_id = ANY(%s) ORDER BY id
"""  # noqa: S608
SET_STATE = """
UPDATE reservation SET state = %s, updated_at = statement_timestamp() WHERE order_id = ANY(%s)
"""


@dataclass(frozen=True)
class Wanted:
    """What an order wants of a variant, under the SKU that the order has on paper."""

    sku: str
    quantity: int
    variant_id: int | None = None  # None: whichever variant has the SKU now


@dataclass(frozen=True)
class Wish:
    """What an order wants, one line a SKU, put aside for `ttl`. A tombstone has no lines."""

    order_id: uuid.UUID
    lines: Sequence[Wanted] = ()
    ttl: timedelta = timedelta(0)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of quantity by SKU in canonical form; "" for a tombstone.

        Without variant ids: during an update an order may ask first without them, then with them.
        """
        if not self.lines:
            return ""
        quantities = {line.sku: line.quantity for line in self.lines}
        canonical = orjson.dumps(quantities, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(canonical).hexdigest()


def insert(wishes: Sequence[Wish], state: str) -> set[uuid.UUID]:
    """Make the reservations of orders that are not known yet; returns their ids."""
    rows = [(wish.order_id, wish.fingerprint, wish.ttl) for wish in wishes]
    lines = [
        (wish.order_id, line.sku, line.quantity, line.variant_id)
        for wish in wishes
        for line in wish.lines
    ]
    columns = (*zip(*rows, strict=True), *(zip(*lines, strict=True) if lines else [()] * 4))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [state, *map(list, columns)])
        return {order_id for (order_id,) in cursor.fetchall()}


def found(order_id: uuid.UUID) -> Reservation:
    """Raises NotFound."""
    for reservation in _read(READ, [order_id]):
        return reservation
    raise NotFound("No reservation has this order id.")


def locked(order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Reservation]:
    """The known ones."""
    return {own.pk: own for own in _read(LOCK, order_ids)}


def _read(statement: str, order_ids: Sequence[uuid.UUID]) -> list[Reservation]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(order_ids)])
        for *row, is_overdue in cursor.fetchall():
            own = Reservation.from_db(connection.alias, COLUMNS[Reservation], row)
            own.is_overdue = is_overdue
            found.append(own)
    return _with_lines(found)


def _with_lines(found: list[Reservation]) -> list[Reservation]:
    """A statement of its own: what was locked meanwhile may have changed them."""
    lines: dict[uuid.UUID, list[ReservationLine]] = {own.pk: [] for own in found}
    with connection.cursor() as cursor:
        cursor.execute(LINES, [list(lines)])
        for row in cursor.fetchall():
            line = ReservationLine.from_db(connection.alias, COLUMNS[ReservationLine], row)
            lines[line.reservation_id].append(line)
    for own in found:
        own.known_lines = lines[own.pk]
    return found


def overdue_ids(limit: int) -> list[uuid.UUID]:
    """The longest overdue."""
    overdue = Reservation.objects.overdue().order_by("expires_at")
    return list(overdue.values_list("pk", flat=True)[:limit])


def locked_overdue(order_ids: Sequence[uuid.UUID]) -> list[Reservation]:
    """Those still overdue; what somebody else has locked is left to them."""
    overdue = Reservation.objects.overdue().filter(pk__in=order_ids)
    return _with_lines(list(overdue.select_for_update(skip_locked=True)))


def lock_stock(reservations: Iterable[Reservation]) -> LockedStock:
    """The stock of everything that they name."""
    lines = (line for each in reservations for line in each.known_lines)
    return LockedStock(line.variant_id for line in lines if line.variant_id)


def hold(reservation: Reservation, stock: LockedStock, actor: str) -> bool:
    """Put all lines aside. False if one is short: it notes what the lines before it have left."""
    wanted = movements(reservation, Reason.RESERVE, actor)
    refused = stock.move(wanted)
    for line, movement in zip(reservation.known_lines, wanted, strict=True):
        if movement in refused:
            line.available_seen = refused[movement]
            line.seen_version = stock.of(movement.variant_id).version
    return not refused


def movements(reservation: Reservation, reason: str, actor: str) -> list[Movement]:
    """One a line. A line of no known variant wants what a stock without an item cannot give."""
    on_hand, reserved = SIGNS[reason]
    return [
        Movement(
            reference=f"{reservation.order_id}:{reservation.hold}:{reason}:{line.pk}",
            variant_id=line.variant_id or 0,
            d_on_hand=on_hand * line.quantity,
            d_reserved=reserved * line.quantity,
            reason=reason,
            actor=actor,
            order_id=reservation.order_id,
        )
        for line in reservation.known_lines
    ]


def refuse(short: Sequence[Reservation]) -> None:
    """Write what `hold` noted."""
    set_state(short, State.REFUSED)
    lines = [line for own in short for line in own.known_lines if line.seen_version is not None]
    ReservationLine.objects.bulk_update(lines, ["available_seen", "seen_version"])


def set_state(changed: Sequence[Reservation], state: str) -> None:
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(SET_STATE, [state, [each.pk for each in changed]])
    for each in changed:
        each.state = state


def renew(late: Sequence[tuple[Reservation, timedelta]]) -> None:
    """Held for so long from now on; those that have expired for one hold more."""
    if not late:
        return
    by_id = {own.pk: own for own, _ in late}
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [list(by_id), [ttl for _, ttl in late]])
        for order_id, holds, expires_at in cursor.fetchall():
            own = by_id[order_id]
            own.state, own.hold, own.expires_at = State.HELD, holds, expires_at


def short_lines(reservation: Reservation) -> list[ShortLine]:
    short = [line for line in reservation.known_lines if line.seen_version is not None]
    return [
        {"sku": line.sku, "wanted": line.quantity, "available": max(line.available_seen or 0, 0)}
        for line in sorted(short, key=lambda line: line.sku)
    ]
