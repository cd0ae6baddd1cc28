"""Reserve, commit and release the stock of orders; adjust stock. Every call may be repeated.

Each works on orders together, and their outcomes are each its own: what is wrong with one of them
changes nothing for another. Nothing here asks another service, and nothing waits for the network
inside a transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from django.db import DataError, IntegrityError, OperationalError

from chassis.errors import DomainError, ServiceUnavailable
from chassis.ids import uuid7
from chassis.logs import get_logger
from product_service.inventory import reservations
from product_service.inventory.errors import (
    FingerprintMismatch,
    OutOfStock,
    ReservationExpired,
    ReservationReleased,
    StockDisagrees,
    StockHasChanged,
    StockIsReserved,
    UnknownOrders,
)
from product_service.inventory.models import Reason, Reservation, State, StockItem, StockMovement
from product_service.inventory.movements import LockedStock, Movement
from product_service.inventory.reservations import Wish
from product_service.inventory.transactions import LOCKED, in_transaction, wait_at_most

log = get_logger(__name__)

Asked = TypeVar("Asked", Wish, uuid.UUID)
Outcome = Reservation | DomainError  # an error is of this order alone
# Seconds that orders of one call wait for locks: together (a deadlock is found after 1 s), and then
# all of them apart. order_service waits 3 s for the answer.
PATIENCE_TOGETHER, PATIENCE_APART = 1.2, 0.8
SWEEP_LIMIT = 100
SWEEP_ACTOR = "service:product_sweep"


def reserve(wishes: Sequence[Wish], *, actor: str) -> list[Outcome]:
    """Hold what each order wants, all its lines or none; who comes first is served first.

    Repeating it gives the first answer. An expired reservation is held again if stock is left.
    Outcomes: the reservation, OutOfStock, ReservationReleased, FingerprintMismatch.
    """
    return _together_or_apart(_reserve, wishes, actor)


def _reserve(wishes: Sequence[Wish], actor: str) -> list[Outcome]:
    new = reservations.insert(wishes, State.HELD)
    known = reservations.locked([wish.order_id for wish in wishes])
    asked = [(known[wish.order_id], wish) for wish in wishes]
    late = [(own, wish) for own, wish in asked if _needs_time(own, wish)]
    to_hold_again = {own.pk for own, _ in late if own.state == State.EXPIRED}
    reservations.renew([(own, wish.ttl) for own, wish in late])
    to_hold = [own for own, _ in asked if own.pk in new or own.pk in to_hold_again]
    stock = reservations.lock_stock(to_hold)
    refused = [own for own in to_hold if not reservations.hold(own, stock, actor)]
    stock.write()
    reservations.refuse(refused)
    return [_reserved(own, wish) for own, wish in asked]


def _needs_time(own: Reservation, wish: Wish) -> bool:
    """It is overdue, or has expired: then it has to be put aside once more as well."""
    is_late = own.is_overdue or own.state == State.EXPIRED
    return is_late and own.fingerprint == wish.fingerprint


def _reserved(own: Reservation, wish: Wish) -> Outcome:
    if own.state == State.RELEASED:
        return ReservationReleased("The reservation was released, so it can't be made again.")
    if own.fingerprint != wish.fingerprint:
        return FingerprintMismatch("Use a new order id for other lines.")
    if own.state == State.REFUSED:
        return OutOfStock(reservations.short_lines(own))
    return own


def commit(order_ids: Sequence[uuid.UUID], *, actor: str) -> list[Outcome]:
    """Take what each order holds out of the house: it is sold.

    Outcomes: the reservation, ReservationExpired, ReservationReleased, OutOfStock, StockDisagrees.
    Raises UnknownOrders, and nothing was moved, if one has no reservation.
    """
    return _together_or_apart(_commit, order_ids, actor)


def _commit(order_ids: Sequence[uuid.UUID], actor: str) -> list[Outcome]:
    known = reservations.locked(order_ids)
    if len(known) < len(order_ids):
        raise UnknownOrders([place for place, pk in enumerate(order_ids) if pk not in known])
    held = [own for own in known.values() if own.state == State.HELD]
    wrong = _settle(dict.fromkeys(held, Reason.COMMIT), State.COMMITTED, actor)
    return [wrong.get(order_id) or _committed(known[order_id]) for order_id in order_ids]


def _committed(own: Reservation) -> Outcome:
    match own.state:
        case State.EXPIRED:
            return ReservationExpired("Reserve again with the same lines, then commit.")
        case State.RELEASED:
            return ReservationReleased("The reservation was released, so it can't be committed.")
        case State.REFUSED:
            return OutOfStock(reservations.short_lines(own))
    return own


def release(order_ids: Sequence[uuid.UUID], *, actor: str) -> list[Outcome]:
    """Undo whatever each order has of our stock, held or committed, for good.

    An unknown id leaves a tombstone, so a reserve that arrives late is refused.
    Outcomes: the reservation, StockDisagrees.
    """
    return _together_or_apart(_release, order_ids, actor)


UNDO: Mapping[str, Reason] = {State.HELD: Reason.RELEASE, State.COMMITTED: Reason.RESTOCK}


def _release(order_ids: Sequence[uuid.UUID], actor: str) -> list[Outcome]:
    reservations.insert([Wish(order_id) for order_id in order_ids], State.RELEASED)
    known = reservations.locked(order_ids)
    undone = {own: UNDO.get(own.state) for own in known.values() if own.state != State.RELEASED}
    wrong = _settle(undone, State.RELEASED, actor)
    return [wrong.get(order_id) or known[order_id] for order_id in order_ids]


def expire_overdue() -> int:
    """Free the stock of reservations whose time is over; returns how many (SWEEP_LIMIT at most).

    One that the books contradict is left for a person and holds up no other.
    """
    overdue = reservations.overdue_ids(SWEEP_LIMIT)
    outcomes = _together_or_apart(_expire, overdue, SWEEP_ACTOR) if overdue else []
    expired = [each for each in outcomes if isinstance(each, Reservation)]
    for own in expired:
        log.info("reservation expired", order_id=str(own.pk))
    return len(expired)


def _expire(order_ids: Sequence[uuid.UUID], actor: str) -> list[Outcome]:
    """An outcome of each that is still overdue and that nobody else has in hand."""
    overdue = reservations.locked_overdue(order_ids)
    wrong = _settle(dict.fromkeys(overdue, Reason.EXPIRE), State.EXPIRED, actor)
    return [wrong.get(own.pk) or own for own in overdue]


def _settle(
    changes: Mapping[Reservation, Reason | None], state: str, actor: str
) -> dict[uuid.UUID, StockDisagrees]:
    """Move the stock of each for its reason, and give it its state.

    Returns those that stay as they are, because the stock has not what they hold or sold.
    """
    moving = {own: reason for own, reason in changes.items() if reason}
    stock = reservations.lock_stock(moving)
    wrong = {
        own.pk: _contradicted(own.pk, "the stock has less than it holds")
        for own, reason in moving.items()
        if stock.move(reservations.movements(own, reason, actor))
    }
    stock.write()
    reservations.set_state([own for own in changes if own.pk not in wrong], state)
    return wrong


def _together_or_apart(
    work: Callable[[Sequence[Asked], str], list[Outcome]], asked: Sequence[Asked], actor: str
) -> list[Outcome]:
    """All in one transaction; one each if a row of theirs is refused, or locked for too long, so
    that it stops no other. Who alone finds its rows locked has ServiceUnavailable for an outcome.
    """
    if len(asked) == 1:
        return _alone(work, asked[0], actor)
    try:
        return _at_once(work, asked, actor, PATIENCE_TOGETHER)
    except (IntegrityError, DataError):
        pass
    except OperationalError as error:
        if not isinstance(error.__cause__, LOCKED):
            raise
    outcomes: list[Outcome] = []
    for one in asked:
        try:
            outcomes += _alone(work, one, actor, PATIENCE_APART / len(asked))
        except OperationalError as error:
            if not isinstance(error.__cause__, LOCKED):
                raise
            log.warning("rows are locked by another", order_id=str(_id(one)))
            outcomes.append(ServiceUnavailable("Somebody else works on its rows; repeat the call."))
    return outcomes


def _alone(
    work: Callable[[Sequence[Asked], str], list[Outcome]],
    one: Asked,
    actor: str,
    patience: float | None = None,
) -> list[Outcome]:
    try:
        return _at_once(work, [one], actor, patience)
    except (IntegrityError, DataError) as error:
        return [_contradicted(_id(one), repr(error))]


@in_transaction
def _at_once(
    work: Callable[[Sequence[Asked], str], list[Outcome]],
    asked: Sequence[Asked],
    actor: str,
    patience: float | None,
) -> list[Outcome]:
    """Waits `patience` seconds for a lock; None: as long as any transaction."""
    if patience is not None:
        wait_at_most(patience)
    return work(asked, actor)


def _id(asked: Wish | uuid.UUID) -> uuid.UUID:
    return asked.order_id if isinstance(asked, Wish) else asked


def _contradicted(order_id: uuid.UUID, error: str) -> StockDisagrees:
    log.error("reservation and stock disagree", order_id=str(order_id), error=error)
    return StockDisagrees("Compare this reservation with its stock, then correct the stock.")


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
    stock = LockedStock([variant_id])
    if stock.move([Movement(reference, variant_id, change, 0, reason, actor, note=note)]):
        raise StockIsReserved(
            f"{item.on_hand} are on hand and orders hold {item.reserved} of them,"
            f" so at most {item.available} can be taken away."
        )
    stock.write()
    item.refresh_from_db()
    return item


def open_stock(*, variant_ids: Iterable[int]) -> None:
    """Give each new variant its stock item, with nothing in it."""
    items = [StockItem(variant_id=variant_id) for variant_id in variant_ids]
    StockItem.objects.bulk_create(items, ignore_conflicts=True)
