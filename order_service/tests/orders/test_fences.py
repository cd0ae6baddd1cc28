"""Leases and fences: two workers on one order, people in between, and what the database forbids."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from order_service.dispatch.due import ORDERS, take
from order_service.orders.actions import (
    CancelNotAllowed,
    RetryNotNeeded,
    cancel_order,
    retry_order,
)
from order_service.orders.models import Order, OrderEvent
from order_service.orders.states import MOVES, Reason, State
from order_service.payments.actions import PaymentChange
from order_service.payments.models import LedgerEntry, Payment, PaymentEvent
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Move
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World, history

pytestmark = pytest.mark.django_db(transaction=True)

SHOPPER = "guest:ada"


def expire_lease(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_leased_order_is_nobody_elses(world: World) -> None:
    order = make_order()
    world.claim(order)
    assert world.ports.store.claim(order.id) is None


def test_a_lease_that_ran_out_is_taken_over_and_counted(world: World) -> None:
    order = make_order()
    first = world.claim(order)
    expire_lease(order)
    second = world.claim(order)
    order.refresh_from_db()
    assert (order.failures, order.claims) == (1, 2)
    assert second.lease_until != first.lease_until


def test_a_worker_that_dies_on_the_same_order_again_and_again_calls_a_person(world: World) -> None:
    order = make_order()
    for _ in range(12):
        world.claim(order)
        expire_lease(order)
    assert world.ports.store.claim(order.id) is None
    order.refresh_from_db()
    assert order.attention_at is not None


def test_a_terminal_order_cannot_be_claimed(world: World) -> None:
    for state in (State.CONFIRMED, State.CANCELLED):
        assert world.ports.store.claim(make_order(state).id) is None


def test_a_stale_worker_writes_no_state_but_its_payment_outcome_is_kept(world: World) -> None:
    order = make_order(State.RESERVED)
    claimed = world.claim(order)
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None
    assert cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    change = PaymentChange(payment.id, PaymentState.AUTHORIZED, "auth_1")
    assert world.ports.store.move(claimed, Move(State.AUTHORIZED, payment=change)) is None
    order.refresh_from_db()
    assert order.state == State.CANCELLING
    assert order.lease_until is None
    assert Payment.objects.get().provider_reference == "auth_1"
    assert history(order) == ["placed", "reserved", "cancelling"]


def test_a_cancel_in_the_middle_of_a_step_waits_for_the_lease_and_undoes_all(world: World) -> None:
    order = make_order(State.RESERVED)
    claimed = world.claim(order)
    cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    order.refresh_from_db()
    assert order.next_attempt_at == claimed.lease_until
    assert world.ports.store.claim(order.id) is None
    expire_lease(order)
    order = world.finish(order)
    assert (order.state, order.reason) == (State.CANCELLED, Reason.SHOPPER)
    assert world.stock(order) == "released"


def test_late_news_of_a_settled_payment_is_kept_but_changes_nothing(world: World) -> None:
    order = make_order(State.RESERVED)
    claimed = world.claim(order)
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None
    store = world.ports.store
    store.record_payment(claimed, PaymentChange(payment.id, PaymentState.VOIDED))
    store.record_payment(claimed, PaymentChange(payment.id, PaymentState.AUTHORIZED, "auth_1"))
    stored = Payment.objects.get()
    assert (stored.state, stored.provider_reference) == (PaymentState.VOIDED, "")
    assert [event.to_state for event in stored.events.all()] == ["voided", "authorized"]


def test_the_same_news_again_is_no_event(world: World) -> None:
    claimed = world.claim(make_order(State.RESERVED))
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None
    for reference, reason in (("auth_1", ""), ("auth_1", ""), ("", "lost_card"), ("auth_2", "")):
        change = PaymentChange(payment.id, PaymentState.AUTHORIZED, reference, reason=reason)
        world.ports.store.record_payment(claimed, change)
    stored = Payment.objects.get()
    assert (stored.provider_reference, stored.decline_reason) == ("auth_2", "")
    events = [(event.from_state, event.data["reference"]) for event in stored.events.all()]
    assert events == [("new", "auth_1"), ("authorized", "auth_2")]


def test_news_that_come_at_once_are_taken_one_after_the_other(world: World) -> None:
    claimed = world.claim(make_order(State.RESERVED))
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None

    def tell(state: PaymentState) -> None:
        world.ports.store.record_payment(claimed, PaymentChange(payment.id, state, state))
        connection.close()

    told = (PaymentState.UNKNOWN, PaymentState.AUTHORIZED, PaymentState.VOIDED)
    threads = [threading.Thread(target=tell, args=(state,)) for state in told]
    with transaction.atomic():
        Payment.objects.select_for_update().get()
        for thread in threads:
            thread.start()
        time.sleep(0.3)  # all of them begin, and wait for the row
    for thread in threads:
        thread.join()
    state, reference = str(PaymentState.NEW), ""
    for event in PaymentEvent.objects.all():
        assert event.from_state == state
        if state != PaymentState.VOIDED:
            state, reference = event.to_state, event.data["reference"]
    stored = Payment.objects.get()
    assert (stored.state, stored.provider_reference) == (state, reference)
    assert PaymentEvent.objects.count() == len(told)


def test_no_payment_begins_once_somebody_else_has_moved_the_order(world: World) -> None:
    order = make_order(State.RESERVED)
    claimed = world.claim(order)
    cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    assert world.ports.store.open_payment(claimed, "sandbox") is None
    assert not Payment.objects.exists()


def test_an_order_has_one_live_payment(world: World) -> None:
    order = make_order(State.RESERVED)
    claimed = world.claim(order)
    first, second = (world.ports.store.open_payment(claimed, "sandbox") for _ in range(2))
    assert first is not None
    assert second is not None
    assert first == second
    with pytest.raises(IntegrityError, match="payment_one_live"):
        Payment.objects.create(order=order, amount=1, currency="EUR", idempotency_key="other")


@pytest.mark.parametrize(
    "state", [State.PLACED, State.RESERVED, State.AWAITING_SHOPPER, State.AUTHORIZED]
)
def test_people_may_cancel_before_money_moves(world: World, state: State) -> None:
    order = make_order(state)
    assert cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    assert not cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    order = world.finish(order)
    assert (order.state, order.reason) == (State.CANCELLED, Reason.SHOPPER)
    assert OrderEvent.objects.get(order=order, to_state="cancelling").actor == SHOPPER


@pytest.mark.parametrize("state", [State.COMMITTED, State.CONFIRMED])
def test_people_may_not_cancel_once_money_may_move(state: State) -> None:
    order = make_order(state)
    with pytest.raises(CancelNotAllowed):
        cancel_order(order_id=order.id, actor=SHOPPER, reason=Reason.SHOPPER)
    order.refresh_from_db()
    assert order.state == state


def test_only_a_parked_order_can_be_retried(world: World) -> None:
    order = make_order()
    with pytest.raises(RetryNotNeeded):
        retry_order(order_id=order.id)
    Order.objects.filter(pk=order.pk).update(attention_at=Now(), failures=12)
    retry_order(order_id=order.id)
    assert world.advance(order).state == State.CONFIRMED


def test_a_retried_order_waits_for_no_message_of_its_past() -> None:
    """Its earlier message was taken long ago; others of the same time still wait in the queue."""
    order = make_order()
    [(_, taken_at)] = take(ORDERS, limit=1, oldest=None, again=timedelta(0))
    Order.objects.filter(pk=order.pk).update(attention_at=Now())
    retry_order(order_id=order.id)
    [(again, _)] = take(ORDERS, limit=1, oldest=taken_at, again=timedelta(0))
    assert again == order.id


def test_twenty_workers_at_once_charge_once(world: World) -> None:
    order = make_order()
    barrier = threading.Barrier(20)

    def work() -> None:
        barrier.wait()
        world.advance(order)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.get().state == State.CONFIRMED
    assert world.money() == [("authorize", 2480), ("capture", 2480)]
    assert Order.objects.get().claims == 1


FORBIDDEN = [
    (before, after)
    for before in State
    for after in State
    if before != after and after not in MOVES[before]
]


@pytest.mark.parametrize(("before", "after"), FORBIDDEN)
def test_the_database_refuses_every_move_that_is_not_in_the_table(
    before: State, after: State
) -> None:
    order = make_order(before)
    with pytest.raises(IntegrityError, match="may not move"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET state = %s, version = version + 1 WHERE id = %s",
            [after, order.id],
        )


def test_the_database_refuses_a_version_that_skips(world: World) -> None:
    order = make_order()
    with pytest.raises(IntegrityError, match="must move from version"):
        Order.objects.filter(pk=order.pk).update(state=State.RESERVED, version=2)


def test_history_and_books_cannot_be_rewritten(world: World) -> None:
    world.finish(make_order())
    with pytest.raises(IntegrityError, match="append-only"):
        OrderEvent.objects.update(actor="somebody")
    with pytest.raises(IntegrityError, match="append-only"):
        LedgerEntry.objects.all().delete()


def test_a_step_refuses_to_run_inside_a_transaction(world: World) -> None:
    with pytest.raises(AssertionError, match="talks to other services"), transaction.atomic():
        world.advance(make_order())


def test_back_off_doubles_up_to_its_bound_and_spreads(world: World) -> None:
    slow = world.with_policy(retry=timedelta(seconds=5), retry_max=timedelta(seconds=300))
    slow.shop.answers = {"/v1/reservations": (503, {})}
    order = make_order()
    for attempt in range(1, 9):
        Order.objects.filter(pk=order.pk).update(next_attempt_at=Now())
        order = slow.advance(order)
        assert order.next_attempt_at is not None
        wait = (order.next_attempt_at - timezone.now()).total_seconds()
        longest = min(5 * 2 ** (attempt - 1), 300)
        assert longest * 0.8 - 1 <= wait <= longest
