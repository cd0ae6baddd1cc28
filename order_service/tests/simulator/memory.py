"""The pipeline's Store in memory, with the meaning of the one on PostgreSQL.

Each method is one transaction: it happens wholly or not at all, and a worker can be killed before
and after it, never inside. `test_memory.py` plays the same calls to both stores.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.orders.states import CANCELLABLE, TERMINAL, Reason, State
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Ask, Claimed, Move, Policy
from order_service.tests.simulator.company import StoreInCompany
from order_service.tests.simulator.world import SimulatedClock

CAME_TO_NOTHING = (PaymentState.VOIDED, PaymentState.DECLINED)
SETTLED = (PaymentState.CAPTURED, *CAME_TO_NOTHING)


@dataclass
class OrderRow:
    """A row of the orders table, with its history and its books."""

    id: uuid.UUID
    number: str
    lines: tuple[Wanted, ...]
    total: Money
    payment_token: str
    next_attempt_at: datetime | None
    state: State = State.PLACED
    version: int = 0
    attempts: int = 0
    failures: int = 0
    published_at: datetime | None = None
    lease_until: datetime | None = None
    awaiting_until: datetime | None = None
    attention_at: datetime | None = None
    reason: Reason | None = None
    payments: list[PaymentRecord] = field(default_factory=list)
    history: list[tuple[int, State | None, State]] = field(default_factory=list)
    booked: list[Money] = field(default_factory=list)
    deliveries: list[State] = field(default_factory=list)  # the end that each one tells of
    imagined: State | None = None  # a worker went on from there, where the order never was
    placed_at: datetime = field(init=False)

    @property
    def payment(self) -> PaymentRecord | None:
        """The newest."""
        return self.payments[-1] if self.payments else None

    def __post_init__(self) -> None:
        assert self.next_attempt_at is not None, "a new order is due at once"
        self.placed_at = self.next_attempt_at


class MemoryStore:
    """The rows of all orders. `pause` is called before and after each transaction."""

    def __init__(self, clock: SimulatedClock, policy: Policy, pause: Callable[[str], None]) -> None:
        self._clock, self._policy, self._pause = clock, policy, pause
        self.is_one_by_one = False  # what a set asks: one transaction an order
        self.rows: dict[uuid.UUID, OrderRow] = {}

    def add(self, row: OrderRow) -> None:
        row.history.append((0, None, State.PLACED))
        self.rows[row.id] = row

    def claim(self, order_id: uuid.UUID) -> Claimed | None:
        self._pause("claim begins")
        claimed = self._claim(self.rows[order_id])
        self._pause("claim is committed")
        return claimed

    def _claim(self, row: OrderRow) -> Claimed | None:
        now, policy = self._clock.now(), self._policy
        if row.next_attempt_at is None or row.attention_at is not None:
            return None
        if row.lease_until is not None and row.lease_until >= now:
            return None
        row.attempts += 1
        row.failures += row.lease_until is not None
        row.lease_until = now + policy.lease
        row.next_attempt_at = row.lease_until + policy.grace
        if row.failures >= policy.failures_to_attention:
            row.attention_at = now
            return None
        return self._claimed(row)

    def lines(self, order: Claimed) -> tuple[Wanted, ...]:
        return self.rows[order.id].lines

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        self._pause("open payment begins")
        row = self.rows[order.id]
        is_here = (row.state, row.version) == (order.state, order.version)
        if is_here and all(each.state in CAME_TO_NOTHING for each in row.payments):
            place = len(row.payments) + 1
            key = f"order-{row.id}" if place == 1 else f"order-{row.id}-{place}"
            row.payments.append(PaymentRecord(place, provider, key, self._clock.now()))
        self._pause("open payment is committed")
        return row.payment

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        self._pause("payment is read")
        return self.rows[order.id].payment

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        self._pause("record payment begins")
        self._change(self.rows[order.id], change)
        self._pause("record payment is committed")

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        self._pause(f"move to {move.to} begins")
        moved = self._move(order, move)
        self._pause(f"move to {move.to} is committed")
        return moved

    def _move(self, order: Claimed, move: Move) -> Claimed | None:
        row = self.rows[order.id]
        if (order.version, order.state) not in [(version, to) for version, _, to in row.history]:
            row.imagined = order.state
        if move.payment is not None:
            self._change(row, move.payment)
        if (row.state, row.version) != (order.state, order.version):
            if row.lease_until == order.lease_until and row.next_attempt_at is not None:
                row.lease_until, row.next_attempt_at = None, self._clock.now()
            return None
        self._enter(row, move.to)
        row.reason = move.reason or row.reason
        if move.awaiting_for is not None:
            row.awaiting_until = self._clock.now() + move.awaiting_for
        if move.to is State.CONFIRMED:
            row.booked.append(row.total)
        if move.to in TERMINAL:
            row.deliveries.append(move.to)
            row.lease_until = row.next_attempt_at = None
            row.attempts = 0
            return replace(order, state=move.to, version=row.version, attempts=1)
        row.attempts = 1
        row.lease_until = self._clock.now() + self._policy.lease
        row.next_attempt_at = row.lease_until + self._policy.grace
        return self._claimed(row)

    @contextmanager
    def for_set(self, name: str) -> Iterator[None]:
        """Around the calls of several orders, in one transaction."""
        if self.is_one_by_one:
            yield
            return
        pause = self._pause
        pause(f"{name} for a set")
        self._pause = lambda where: None
        try:
            yield
        finally:
            self._pause = pause

    def in_company(self, ask: Ask) -> StoreInCompany:
        return StoreInCompany(self, ask)

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        self.give_back(order, delay, error, is_failure)

    def give_back(self, order: Claimed, delay: timedelta, error: str, is_failure: bool) -> None:
        self._pause("postpone begins")
        row = self.rows[order.id]
        if row.lease_until == order.lease_until and row.next_attempt_at is not None:
            row.lease_until = None
            row.next_attempt_at = self._clock.now() + delay
            row.failures += is_failure
            if row.failures >= self._policy.failures_to_attention:
                row.attention_at = self._clock.now()
        self._pause("postpone is committed")

    def cancel(self, order_id: uuid.UUID, reason: Reason) -> None:
        """What actions.cancel_order does."""
        row = self.rows[order_id]
        if row.state not in CANCELLABLE:
            return
        self._enter(row, State.CANCELLING)
        now = self._clock.now()
        row.reason, row.published_at, row.attempts = reason, None, 0
        row.attention_at = None
        row.next_attempt_at = max(row.lease_until or now, now)

    def retry(self, order_id: uuid.UUID) -> None:
        """What actions.retry_order does."""
        row = self.rows[order_id]
        row.attention_at = row.lease_until = row.published_at = None
        row.failures = row.attempts = 0
        row.next_attempt_at = self._clock.now()

    def _enter(self, row: OrderRow, state: State) -> None:
        row.history.append((row.version + 1, row.state, state))
        row.state = state
        row.version += 1
        row.failures = 0

    def _change(self, row: OrderRow, change: PaymentChange) -> None:
        place = change.payment_id - 1
        before = row.payments[place]
        if before.state not in SETTLED:
            reference = change.reference or before.reference
            row.payments[place] = replace(before, state=change.state, reference=reference)

    def _claimed(self, row: OrderRow) -> Claimed:
        assert row.lease_until is not None
        return Claimed(
            id=row.id,
            number=row.number,
            state=row.state,
            version=row.version,
            lease_until=row.lease_until,
            attempts=row.attempts,
            amount=row.total,
            payment_token=row.payment_token,
            return_url=f"https://shop.example/orders/{row.number}/",
            awaiting_until=row.awaiting_until,
            placed_at=row.placed_at,
            reason=row.reason or "",
        )
