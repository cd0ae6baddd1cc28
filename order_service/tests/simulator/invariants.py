"""What must hold after every single step of a history, and what must hold at its end.

I3  captured is the total of a confirmed order and nothing otherwise, and once at most
I4  stock is conserved
I5  no more sold than was received; who is confirmed has the goods
I6  nothing is held for a finished order: no stock, no money
I8  a history is a path of the table of moves, without a gap, and ends where the order is; a worker
    goes on only from where an order was
I9  nothing is stuck (at the end)
I10 a finished order has the mail that tells of its end, once
"""

from __future__ import annotations

from collections.abc import Iterator

from order_service.clients.stock import Standing
from order_service.orders.states import MOVES, TERMINAL, State
from order_service.payments.states import PaymentState
from order_service.tests.simulator.memory import MemoryStore, OrderRow
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedStock

HOLDING = (Standing.HELD, Standing.COMMITTED)


class Broken(AssertionError):
    """An invariant does not hold."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


def check(store: MemoryStore, stock: SimulatedStock, provider: SimulatedProvider) -> None:
    """Raise Broken if an invariant does not hold right now."""
    _check_stock(stock)
    for row in store.rows.values():
        _check_history(row)
        _check_money(row, provider)
        if row.state in TERMINAL:
            _check_finished(row, stock.look_up(row.id), provider)


def check_end(store: MemoryStore, stock: SimulatedStock, provider: SimulatedProvider) -> None:
    """Raise Broken if the books are not closed although everything had its time."""
    check(store, stock, provider)
    for row in store.rows.values():
        if row.state not in TERMINAL:
            raise Broken("I9", f"{row.number} is stuck in {row.state}")
        expected = {State.CONFIRMED: (PaymentState.CAPTURED,)}.get(
            row.state, (None, PaymentState.DECLINED, PaymentState.VOIDED)
        )
        known = row.payment.state if row.payment else None
        if known not in expected:
            raise Broken("I3", f"{row.number} is {row.state} and our books say {known}")


def _check_stock(stock: SimulatedStock) -> None:
    for sku, received in stock.received.items():
        held = _quantity(stock, sku, Standing.HELD)
        sold = _quantity(stock, sku, Standing.COMMITTED)
        if stock.reserved[sku] != held or stock.on_hand[sku] != received - sold:
            raise Broken("I4", f"{sku}: {stock.on_hand[sku]}/{stock.reserved[sku]}")
        if not 0 <= held <= stock.on_hand[sku]:
            raise Broken("I5", f"{sku}: {sold} sold and {held} held of {received}")


def _quantity(stock: SimulatedStock, sku: str, standing: Standing) -> int:
    return sum(
        line.quantity
        for reservation in stock.reservations.values()
        if reservation.standing is standing
        for line in reservation.lines
        if line.sku == sku
    )


def _check_history(row: OrderRow) -> None:
    before: State | None = None
    for version, (number, origin, target) in enumerate(row.history):
        if number != version or origin != before:
            raise Broken("I8", f"{row.number} has a gap at version {version}: {row.history}")
        if origin is not None and target not in MOVES[origin]:
            raise Broken("I8", f"{row.number} moved from {origin} to {target}")
        before = target
    if row.imagined is not None:
        raise Broken(
            "I8", f"{row.number} was never {row.imagined}, and a worker went on from there"
        )
    if (row.state, row.version) != (before, len(row.history) - 1):
        raise Broken("I8", f"{row.number} is not where its history ends")


def _check_money(row: OrderRow, provider: SimulatedProvider) -> None:
    taken = list(_captures(row, provider))
    if len(taken) > 1:
        raise Broken("I3", f"{row.number} was charged {len(taken)} times")
    is_paid = row.state is State.CONFIRMED
    if is_paid and taken != [row.total.amount]:
        raise Broken("I3", f"{row.number} is confirmed and {taken} was taken")
    if row.state in (State.CANCELLING, State.CANCELLED) and taken:
        raise Broken("I3", f"{row.number} is {row.state} and {taken} was taken")
    if [money.amount for money in row.booked] != [row.total.amount] * is_paid:
        raise Broken("I3", f"{row.number} is {row.state} and {row.booked} is in the books")


def _captures(row: OrderRow, provider: SimulatedProvider) -> Iterator[object]:
    for authorization in provider.authorizations.values():
        if authorization.order_number == row.number:
            yield from (amount.amount for amount in authorization.captures)


def _check_finished(row: OrderRow, standing: Standing, provider: SimulatedProvider) -> None:
    if row.state is State.CONFIRMED and standing is not Standing.COMMITTED:
        raise Broken("I5", f"{row.number} is confirmed and its stock is {standing}")
    if row.state is State.CANCELLED and standing in HOLDING:
        raise Broken("I6", f"{row.number} is cancelled and its stock is {standing}")
    if any(found.order_number == row.number for found in provider.list_open()):
        raise Broken("I6", f"{row.number} is {row.state} and an authorization is open")
    if row.deliveries != [row.state]:
        raise Broken("I10", f"{row.number} is {row.state} with deliveries {row.deliveries}")
