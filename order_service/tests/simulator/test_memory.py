"""The simulator's store means what PostgreSQL's means: the same calls get the same answers."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.orders.actions import cancel_order
from order_service.orders.models import Delivery, Order
from order_service.orders.states import CANCELLABLE, MOVES, Reason, State
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Claimed, Move, Policy, Store
from order_service.pipeline.store import DatabaseStore
from order_service.tests.factories import make_order
from order_service.tests.simulator.memory import MemoryStore, OrderRow
from order_service.tests.simulator.world import SimulatedClock
from tests.effort import third, tries

pytestmark = pytest.mark.django_db(transaction=True)  # each call has a time of its own

POLICY = Policy(lease=timedelta(hours=1), failures_to_attention=3)
FREE = "2020-01-01T00:00:00Z"
TOLD = (
    PaymentState.UNKNOWN,
    PaymentState.ACTION_REQUIRED,
    PaymentState.AUTHORIZED,
    PaymentState.DECLINED,
    PaymentState.VOIDED,
)
TIMES = {
    "id",
    "number",
    "lease_until",
    "awaiting_until",
    "created_at",
    "placed_at",
    "return_url",
}  # differ by nature


class Pair:
    """One order in both stores."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.order = make_order()
        self.clock = SimulatedClock()
        self.memory = MemoryStore(self.clock, POLICY, lambda where: None)
        self.row = OrderRow(
            id=self.order.id,
            number=self.order.number,
            lines=(Wanted("KETTLE-1", 1),),
            total=Money(self.order.total, "EUR"),
            payment_token=self.order.payment_token,
            next_attempt_at=self.clock.now(),
        )
        self.memory.add(self.row)
        self.stores: tuple[Store, Store] = (self.memory, DatabaseStore(POLICY))
        self.held: list[tuple[Claimed, Claimed]] = []  # by workers that still think they hold it

    def claim(self) -> None:
        ours, theirs = (store.claim(self.order.id) for store in self.stores)
        assert seen(ours) == seen(theirs)
        if ours is not None and theirs is not None:
            self.held.append((ours, theirs))

    def lease_runs_out(self) -> None:
        if self.row.lease_until is not None:
            self.row.lease_until = self.clock.now() - timedelta(hours=1)
            Order.objects.filter(pk=self.order.pk, lease_until__isnull=False).update(
                lease_until=FREE
            )

    def open_payment(self) -> None:
        self._with_one(lambda store, order: seen(store.open_payment(order, "sandbox")))

    def record(self) -> None:
        if self.row.payment is not None:
            told = self.random.choice(TOLD)
            self._with_one(lambda store, order: self._record(store, order, told))

    def move(self) -> None:
        """To where the table allows, from what the worker believes; its fence may be closed."""
        if not self.held:
            return
        ours, theirs = self.random.choice(self.held)
        onward = sorted(MOVES[ours.state])
        if not onward:
            return
        to = self.random.choice(onward)
        if to is State.CONFIRMED:
            return  # needs a captured payment; the pipeline's own tests go there
        move = Move(to, reason=Reason.EXPIRED if to is State.CANCELLING else None)
        pair = self.memory.move(ours, move), self.stores[1].move(theirs, move)
        assert seen(pair[0]) == seen(pair[1])
        if pair[0] is not None and pair[1] is not None:
            self.held.append((pair[0], pair[1]))

    def postpone(self) -> None:
        is_failure = self.random.random() < 0.5
        self._with_one(
            lambda store, order: store.postpone(order, timedelta(0), is_failure=is_failure)
        )

    def cancel(self) -> None:
        if self.row.state in CANCELLABLE:
            self.memory.cancel(self.order.id, Reason.SHOPPER)
            cancel_order(order_id=self.order.id, actor="guest:ada", reason=Reason.SHOPPER)

    def agree(self) -> None:
        order = Order.objects.get(pk=self.order.pk)
        stored = self.stores[1].find_payment(self._any_claim())
        ours = self.row.payment
        assert (order.state, order.version) == (self.row.state, self.row.version)
        assert Delivery.objects.filter(event__order=order).count() == len(self.row.deliveries)
        assert (order.attempts, order.failures) == (self.row.attempts, self.row.failures)
        assert (order.attention_at is None) == (self.row.attention_at is None)
        assert (order.lease_until is None) == (self.row.lease_until is None)
        assert (order.next_attempt_at is None) == (self.row.next_attempt_at is None)
        assert (stored and stored.state) == (ours and ours.state)
        assert (stored and stored.reference) == (ours and ours.reference)

    def _with_one(self, call: Any) -> None:
        if self.held:
            ours, theirs = self.random.choice(self.held)
            assert call(self.stores[0], ours) == call(self.stores[1], theirs)

    def _record(self, store: Store, order: Claimed, told: PaymentState) -> None:
        payment = store.find_payment(order)
        assert payment is not None
        store.record_payment(order, PaymentChange(payment.id, told, "auth-1"))

    def _any_claim(self) -> Claimed:
        return self.held[0][1] if self.held else _claim_of(self.order.id)


def seen(answer: Claimed | PaymentRecord | None) -> dict[str, object] | None:
    """The answer without what differs by nature."""
    if answer is None:
        return None
    names = {field.name for field in fields(answer)} - TIMES
    return {name: getattr(answer, name) for name in sorted(names)}


def _claim_of(order_id: uuid.UUID) -> Claimed:
    store = MemoryStore(SimulatedClock(), POLICY, lambda where: None)
    row = OrderRow(order_id, "", (), Money.zero("EUR"), "", store._clock.now())
    store.add(row)
    claimed = store.claim(order_id)
    assert claimed is not None
    return replace(claimed)


CALLS = (
    Pair.claim,
    Pair.claim,
    Pair.move,
    Pair.move,
    Pair.lease_runs_out,
    Pair.open_payment,
    Pair.record,
    Pair.postpone,
    Pair.cancel,
)
WEIGHTS = (4, 4, 4, 4, 4, 4, 4, 3, 1)


@pytest.mark.parametrize("seed", third(range(tries(6, 60))))
def test_both_stores_answer_alike(seed: int) -> None:
    pair = Pair(seed)
    for _ in range(80):
        pair.clock.advance(timedelta(milliseconds=1))
        pair.random.choices(CALLS, WEIGHTS)[0](pair)
        pair.agree()
