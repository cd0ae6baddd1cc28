"""What crashes that nobody thought of leave behind is found, written down and put right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from order_service.audit.actions import close_drift
from order_service.audit.advice import ADVICE
from order_service.audit.models import Drift, DriftKind, LookedUntil
from order_service.clients.product_service import Wanted
from order_service.clients.stock import Standing, StockRefused, StockUnavailable
from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.payments.gateways.base import Authorized, PaymentRequest, PaymentUnavailable
from order_service.payments.models import Account, LedgerEntry, Payment
from order_service.payments.states import PaymentState
from order_service.tests.audit.conftest import TOTAL, World
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db


def ended(state: State) -> Order:
    """An order that ended half a minute ago."""
    order = make_order(state)
    ago = timezone.now() - timedelta(seconds=30)
    Order.objects.filter(pk=order.pk).update(updated_at=ago)
    if state is State.CONFIRMED:
        payment = pay(order, PaymentState.CAPTURED)
        for account, amount in ((Account.PROVIDER, order.total), (Account.SALES, -order.total)):
            booking, key = f"capture:{payment.pk}", f"capture:{payment.pk}:{account}"
            LedgerEntry.objects.create(
                order=order, booking=booking, account=account, amount=amount, key=key
            )
    return Order.objects.get(pk=order.pk)


def pay(order: Order, state: PaymentState, reference: str = "") -> Payment:
    return Payment.objects.create(
        order=order,
        amount=order.total,
        currency=order.currency,
        state=state,
        provider_reference=reference,
        idempotency_key=f"order-{order.id}",
        updated_at=timezone.now() - timedelta(seconds=30),
    )


def test_every_kind_says_what_to_do() -> None:
    assert ADVICE.keys() == set(DriftKind)


def test_agreeing_books_give_no_drift(world: World) -> None:
    ended(State.CONFIRMED)
    ended(State.CANCELLED)
    make_order(State.RESERVED)
    assert world.reconcile() == 0
    assert not Drift.objects.exists()


@pytest.mark.parametrize("state", [PaymentState.NEW, PaymentState.UNKNOWN])
@pytest.mark.parametrize("has_arrived", [True, False])
def test_an_open_payment_of_a_cancelled_order_gets_a_definite_end(
    world: World, state: PaymentState, *, has_arrived: bool
) -> None:
    order = ended(State.CANCELLED)
    payment = pay(order, state)
    if has_arrived:
        world.authorize(order)
    assert world.reconcile() >= 1
    payment.refresh_from_db()
    assert payment.state == PaymentState.VOIDED
    assert world.provider.list_open() == ()
    # The key is spent: a call that is still under way holds nothing any more.
    assert world.authorize(order)
    assert world.provider.list_open() == ()
    drift = Drift.objects.get(kind=DriftKind.PAYMENT_LEFT_OPEN)
    assert (drift.order, drift.reference) == (order, order.number)
    assert drift.repaired_at is not None
    assert world.reconcile() == 0


@pytest.mark.parametrize("state", [PaymentState.AUTHORIZED, PaymentState.VOIDED])
def test_an_authorization_that_the_provider_still_holds_is_voided(
    world: World, state: PaymentState
) -> None:
    order = ended(State.CANCELLED)
    reference = world.authorize(order)
    payment = pay(order, state, reference)
    assert world.reconcile() >= 1
    assert world.provider.list_open() == ()
    payment.refresh_from_db()
    assert payment.state == PaymentState.VOIDED
    assert not Drift.objects.unrepaired().exists()


def test_money_of_a_running_order_is_left_alone(world: World) -> None:
    order = make_order(State.AUTHORIZED)
    pay(order, PaymentState.AUTHORIZED, world.authorize(order))
    assert world.reconcile() == 0
    assert len(world.provider.list_open()) == 1


def test_money_of_a_paid_order_is_never_given_back(world: World) -> None:
    order = ended(State.CONFIRMED)
    world.authorize(order)
    assert world.reconcile() == 1
    assert len(world.provider.list_open()) == 1
    assert Drift.objects.unrepaired().get().reference == order.number


def test_money_that_no_payment_explains_waits_for_a_person(world: World) -> None:
    request = PaymentRequest("a-strange-key", "TC-NOBODY", TOTAL, "")
    world.provider.authorize(request, "tok_approve")
    for _ in range(2):
        assert world.reconcile() == 1
    drift = Drift.objects.get()
    assert (drift.kind, drift.repaired_at) == (DriftKind.PAYMENT_UNKNOWN, None)
    assert drift.details == {"order": "TC-NOBODY", "amount": "24.80 EUR"}
    assert len(world.provider.list_open()) == 1


def test_money_that_is_held_no_more_needs_nobody(world: World) -> None:
    request = PaymentRequest("a-strange-key", "TC-NOBODY", TOTAL, "")
    world.provider.authorize(request, "tok_approve")
    world.reconcile()
    assert Drift.objects.unrepaired().count() == 1
    world.provider.void("auth-0", "void-1")
    assert world.reconcile() == 0
    assert not Drift.objects.unrepaired().exists()


def taken(world: World, key: str, number: str) -> str:
    held = world.provider.authorize(PaymentRequest(key, number, TOTAL, ""), "tok_approve")
    assert isinstance(held, Authorized)
    world.provider.capture(held.reference, TOTAL, f"{key}:capture")
    return held.reference


def test_money_taken_for_an_order_that_a_restore_lost_waits_for_a_person(world: World) -> None:
    order = ended(State.CONFIRMED)
    taken(world, f"order-{order.id}", order.number)
    reference = taken(world, "order-of-later", "TC-LATER")
    for _ in range(2):
        assert world.reconcile() == 1
    drift = Drift.objects.get()
    assert (drift.kind, drift.reference, drift.order) == (DriftKind.PAYMENT_TAKEN, reference, None)
    assert drift.details == {
        "order": "TC-LATER",
        "amount": "24.80 EUR",
        "taken at": world.provider.taken_at.isoformat(timespec="seconds"),
    }
    close_drift(drift)
    assert world.reconcile() == 0


def test_money_taken_for_a_cancelled_order_waits_for_a_person(world: World) -> None:
    order = ended(State.CANCELLED)
    pay(order, PaymentState.VOIDED)
    taken(world, f"order-{order.id}", order.number)
    world.reconcile()
    assert Drift.objects.unrepaired().get().order == order


@pytest.mark.parametrize("is_taken", [True, False])
def test_an_order_under_way_may_store_its_payment_again(world: World, *, is_taken: bool) -> None:
    order = make_order(State.RESERVED)
    if is_taken:
        taken(world, f"order-{order.id}", order.number)
    else:
        world.authorize(order)
    assert world.reconcile() == 0
    until = LookedUntil.objects.get().at  # and it is looked at until the order has ended
    assert (until == world.provider.taken_at) == is_taken
    pay(order, PaymentState.AUTHORIZED)
    assert world.reconcile() == 0


def test_takings_are_looked_for_since_the_last_look_which_a_restore_puts_back(world: World) -> None:
    ended(State.CONFIRMED)
    world.reconcile()
    world.provider.taken_at = timezone.now() - timedelta(hours=2)
    taken(world, "order-of-later", "TC-LATER")
    assert world.reconcile() == 0  # an hour before the overlap: looked at already
    LookedUntil.objects.update(at=timezone.now() - timedelta(hours=3))
    assert world.reconcile() == 1


def test_a_provider_that_is_away_is_asked_again_for_the_same_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reconcile()
    before = LookedUntil.objects.get().at

    def fail(since: object) -> tuple[()]:
        raise PaymentUnavailable("away")

    monkeypatch.setattr(world.provider, "list_taken", fail)
    world.reconcile()
    assert LookedUntil.objects.get().at == before


def test_stock_of_a_cancelled_order_is_given_back(world: World) -> None:
    order = ended(State.CANCELLED)
    world.stock.reserve(order.id, (Wanted("KETTLE-1", 2),), 60)
    assert world.reconcile() == 1
    assert world.stock.look_up(order.id) is Standing.RELEASED
    assert world.stock.reserved == {"KETTLE-1": 0}
    assert Drift.objects.get().repaired_at is not None


def test_wrong_books_wait_for_a_person(world: World) -> None:
    order = make_order(State.CONFIRMED)
    assert world.reconcile() == 1
    drift = Drift.objects.unrepaired().get()
    assert (drift.kind, drift.order) == (DriftKind.BOOKS_DIFFER, order)
    assert drift.details == {"booked": "0.00", "due": "24.80"}


@pytest.mark.parametrize("error", [StockUnavailable("away"), StockRefused("bad token")])
def test_a_service_that_is_away_or_refuses_does_not_stop_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    order = ended(State.CANCELLED)
    world.authorize(order)
    pay(order, PaymentState.UNKNOWN)
    make_order(State.CONFIRMED)  # its books are wrong, which is looked for last

    def fail(order_id: object) -> Standing:
        raise error

    monkeypatch.setattr(world.stock, "look_up", fail)
    world.reconcile()
    assert world.provider.list_open() == ()
    assert Drift.objects.filter(kind=DriftKind.BOOKS_DIFFER).exists()


def test_an_order_that_ended_this_moment_is_not_judged_yet(world: World) -> None:
    order = make_order(State.CANCELLED)
    world.stock.reserve(order.id, (Wanted("KETTLE-1", 2),), 60)
    assert world.reconcile() == 0
