"""Reserve, commit and release the stock of orders; adjust stock. Every call may be repeated.

Lock order, everywhere: first the reservation, then stock items by variant id. Nothing here asks
another service, and nothing waits for the network inside a transaction.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

import orjson
from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Now

from chassis.ids import uuid7
from chassis.logs import get_logger
from product_service.inventory import reservations
from product_service.inventory.errors import (
    FingerprintMismatch,
    OutOfStock,
    ReservationExpired,
    ReservationReleased,
    StockHasChanged,
    StockIsReserved,
)
from product_service.inventory.models import Reason, Reservation, State, StockItem, StockMovement
from product_service.inventory.movements import Movement, move
from product_service.inventory.reservations import Wanted
from product_service.inventory.transactions import in_transaction

log = get_logger(__name__)

SWEEP_LIMIT = 100
SWEEP_ACTOR = "service:product_sweep"


def reserve(
    *, order_id: uuid.UUID, wanted: Sequence[Wanted], ttl: timedelta, actor: str
) -> Reservation:
    """Hold `wanted` (one line a SKU) for the order, all or nothing, for `ttl`.

    Repeating it gives the first answer. An expired reservation is held again if stock is left.
    Raises OutOfStock, ReservationReleased, FingerprintMismatch.
    """
    reservation = _reserve(order_id, wanted, ttl, actor)
    if reservation.state == State.RELEASED:
        raise ReservationReleased("The reservation was released, so it can't be made again.")
    if reservation.state == State.REFUSED:
        raise OutOfStock(reservations.short_lines(reservation))
    return reservation


@in_transaction
def _reserve(
    order_id: uuid.UUID, wanted: Sequence[Wanted], ttl: timedelta, actor: str
) -> Reservation:
    fingerprint = fingerprint_of(wanted)
    if new := reservations.insert(order_id, fingerprint, State.HELD, ttl):
        return reservations.hold(new, reservations.insert_lines(new, wanted), actor)
    reservation = reservations.locked(order_id)
    if reservation.state == State.RELEASED:
        return reservation
    if reservation.fingerprint != fingerprint:
        raise FingerprintMismatch("Use a new order id for other lines.")
    if reservation.state == State.EXPIRED:
        reservations.set_state(reservation, State.HELD, hold=F("hold") + 1, expires_at=Now() + ttl)
        return reservations.hold(reservation, reservations.lines_of(reservation), actor)
    if reservation.state == State.HELD and reservations.is_overdue(reservation):
        reservations.set_state(reservation, State.HELD, expires_at=Now() + ttl)
    return reservation


def commit(*, order_id: uuid.UUID, actor: str) -> Reservation:
    """Take what the order holds out of the house: it is sold.

    Raises NotFound, ReservationExpired, ReservationReleased, OutOfStock.
    """
    reservation = _commit(order_id, actor)
    match reservation.state:
        case State.EXPIRED:
            raise ReservationExpired("Reserve again with the same lines, then commit.")
        case State.RELEASED:
            raise ReservationReleased("The reservation was released, so it can't be committed.")
        case State.REFUSED:
            raise OutOfStock(reservations.short_lines(reservation))
    return reservation


@in_transaction
def _commit(order_id: uuid.UUID, actor: str) -> Reservation:
    reservation = reservations.locked(order_id)
    if reservation.state == State.HELD:
        reservations.set_state(reservation, State.COMMITTED)
        reservations.move_lines(reservation, Reason.COMMIT, actor)
    return reservation


@in_transaction
def release(*, order_id: uuid.UUID, actor: str) -> Reservation:
    """Undo whatever the order has of our stock, held or committed, for good.

    An unknown id leaves a tombstone, so a reserve that arrives late is refused.
    """
    if tombstone := reservations.insert(order_id, "", State.RELEASED, timedelta(0)):
        return tombstone
    reservation = reservations.locked(order_id)
    before = reservation.state
    if before != State.RELEASED:
        reservations.set_state(reservation, State.RELEASED)
    if before == State.HELD:
        reservations.move_lines(reservation, Reason.RELEASE, actor)
    elif before == State.COMMITTED:
        reservations.move_lines(reservation, Reason.RESTOCK, actor)
    return reservation


def expire_overdue() -> int:
    """Free the stock of reservations whose time is over; returns how many (SWEEP_LIMIT at most).

    One that the books contradict is left for a person and holds up no other.
    """
    overdue = Reservation.objects.overdue().order_by("expires_at").values_list("pk", flat=True)
    return sum(_expire_if_possible(order_id) for order_id in list(overdue[:SWEEP_LIMIT]))


def _expire_if_possible(order_id: uuid.UUID) -> bool:
    try:
        return _expire(order_id)
    except (reservations.StockDisagrees, IntegrityError) as error:
        log.error("reservation cannot expire", order_id=str(order_id), error=repr(error))
        return False


@in_transaction
def _expire(order_id: uuid.UUID) -> bool:
    overdue = Reservation.objects.overdue().select_for_update(skip_locked=True)
    reservation = overdue.filter(pk=order_id).first()
    if reservation is None:
        return False
    reservations.set_state(reservation, State.EXPIRED)
    reservations.move_lines(reservation, Reason.EXPIRE, SWEEP_ACTOR)
    log.info("reservation expired", order_id=str(order_id))
    return True


@in_transaction
def adjust(
    *,
    variant_id: int,
    change: int,
    reason: Reason,
    actor: str,
    note: str = "",
    reference: str = "",
    on_books: int | None = None,
) -> StockItem:
    """Add `change` (negative takes away, 0 changes nothing) to what is on hand.

    A `reference` that was used before changes nothing, so a form sent twice counts once.
    Raises StockHasChanged if `on_books` is given and is not what is on hand, and StockIsReserved
    if orders hold more than would be left.
    """
    reference = f"adjust:{reference or uuid7()}"
    open_stock(variant_ids=[variant_id])
    item = StockItem.objects.select_for_update().get(pk=variant_id)
    if StockMovement.objects.filter(reference=reference).exists():
        return item
    if on_books not in (None, item.on_hand):
        raise StockHasChanged(f"{item.on_hand} are on hand now, no longer {on_books}.")
    if change == 0:
        return item
    if not move(Movement(reference, variant_id, change, 0, reason, actor, note=note)):
        raise StockIsReserved(
            f"{item.on_hand} are on hand and orders hold {item.reserved} of them,"
            f" so at most {item.available} can be taken away."
        )
    item.refresh_from_db()
    return item


def open_stock(*, variant_ids: Iterable[int]) -> None:
    """Give each new variant its stock item, with nothing in it."""
    items = [StockItem(variant_id=variant_id) for variant_id in variant_ids]
    StockItem.objects.bulk_create(items, ignore_conflicts=True)


def fingerprint_of(wanted: Sequence[Wanted]) -> str:
    """SHA-256 (hex) of quantity by SKU in canonical form.

    Without variant ids: during an update an order may ask first without them and then with them.
    """
    quantities = {line.sku: line.quantity for line in wanted}
    canonical = orjson.dumps(quantities, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
