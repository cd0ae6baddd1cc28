"""Several payments of an order, and payments whose keys the provider has forgotten by now."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.http import ServiceClient
from chassis.money import Money
from order_service.orders.actions import cancel_order
from order_service.orders.models import Order
from order_service.orders.states import PaymentStatus, Reason, State
from order_service.payments.gateways.base import (
    Captured,
    Declined,
    PaymentRequest,
    PaymentStanding,
    PaymentTimeout,
)
from order_service.payments.gateways.registry import Gateways
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.payments.models import LedgerEntry, Payment
from order_service.payments.states import PaymentState
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from tests.bank import SECRET, Bank, url_of

pytestmark = pytest.mark.django_db(transaction=True)
TOTAL = 2480
EVER = datetime(2020, 1, 1, tzinfo=UTC)


def pay(order: Order, state: PaymentState, reference: str = "") -> Payment:
    return Payment.objects.create(
        order=order,
        amount=order.total,
        currency=order.currency,
        state=state,
        provider_reference=reference,
        idempotency_key=f"order-{order.id}",
    )


@pytest.mark.parametrize("state", [PaymentState.DECLINED, PaymentState.VOIDED])
def test_after_a_payment_that_came_to_nothing_another_one_is_made(
    world: World, state: PaymentState
) -> None:
    order = make_order(State.RESERVED)
    world.shop.reservations[str(order.id)] = "held"
    first = pay(order, state)
    order = world.finish(order)
    assert (order.state, order.payment_status) == (State.CONFIRMED, PaymentStatus.PAID)
    payments = Payment.objects.filter(order=order).order_by("id")
    assert [(each.idempotency_key, each.state) for each in payments] == [
        (first.idempotency_key, state),
        (f"order-{order.id}-2", PaymentState.CAPTURED),
    ]
    assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]
    booked = LedgerEntry.objects.filter(order=order).values_list("booking", flat=True)
    assert set(booked) == {f"capture:{payments[1].id}"}


@pytest.mark.parametrize("state", [PaymentState.CAPTURED, PaymentState.REFUNDED])
def test_an_order_that_was_paid_is_not_paid_again(world: World, state: PaymentState) -> None:
    order = make_order(State.RESERVED)
    first = pay(order, state, "auth_1")
    found = world.ports.store.open_payment(world.claim(order), "sandbox")
    assert found is not None
    assert (found.id, found.provider) == (first.id, "sandbox")
    assert Payment.objects.count() == 1


def test_a_payment_of_a_provider_that_was_taken_out_counts_as_a_failure(world: World) -> None:
    order = make_order(State.RESERVED)
    pay(order, PaymentState.UNKNOWN)
    Payment.objects.update(provider="gone")
    order = world.advance(order)
    assert (order.state, order.failures) == (State.RESERVED, 1)
    assert "PAYMENT_PROVIDERS has no 'gone'" in order.last_error


class Talkative(SandboxGateway):
    """Its provider says at length why it declines."""

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        return Declined("no " * 100)


def test_a_long_reason_is_cut_and_the_order_is_cancelled(world: World) -> None:
    nobody = ServiceClient(upstream="bank", base_url="http://127.0.0.1:9", deadline_seconds=1)
    gateways = Gateways({"sandbox": Talkative(nobody, SECRET)})
    ports = replace(world.ports, payments=gateways)
    order = World(world.shop, world.ledger, ports).finish(make_order())
    assert (order.state, order.reason) == (State.CANCELLED, Reason.PAYMENT_DECLINED)
    payment = Payment.objects.get()
    assert payment.decline_reason == ("no " * 100)[:60]
    assert payment.events.latest("id").data["reason"] == "no " * 100


class Forgetful(SandboxGateway):
    """Its provider remembers no key, so each repeated call would move money once more. The answer
    to the first capture is lost."""

    captures = 0

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        again = f"{payment.key}:{uuid.uuid4()}" if self.find(payment.order_number, EVER) else ""
        return super().authorize(replace(payment, key=again or payment.key), token)

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        self.captures += 1
        outcome = super().capture(reference, amount, f"{key}:{uuid.uuid4()}")
        if self.captures == 1:
            raise PaymentTimeout("the answer is lost")
        return outcome


@pytest.fixture
def forgetful(world: World, provider: Bank) -> World:
    url = url_of(provider)
    client = ServiceClient(upstream="payment_provider", base_url=url, deadline_seconds=0.4)
    gateway = Forgetful(client, SECRET, keys_live=timedelta(0))
    ports = replace(world.ports, payments=Gateways({"sandbox": gateway}))
    return World(world.shop, world.ledger, ports)


@pytest.mark.parametrize("token", ["tok_approve", "tok_late_success", "tok_timeout_after_effect"])
def test_without_its_key_a_payment_is_found_by_list_and_reference(
    forgetful: World, token: str
) -> None:
    order = forgetful.finish(make_order(payment_token=token))
    assert order.state == State.CONFIRMED
    assert forgetful.money() == [("authorize", TOTAL), ("capture", TOTAL)]


@pytest.mark.parametrize("is_taken", [True, False])
def test_without_its_key_a_payment_that_a_restore_lost_is_found(
    forgetful: World, *, is_taken: bool
) -> None:
    order = make_order(State.RESERVED)
    forgetful.shop.reservations[str(order.id)] = "held"
    outcome = forgetful.ledger.authorize(
        key=f"order-{order.id}",
        reference=order.number,
        amount=TOTAL,
        currency="EUR",
        token=order.payment_token,
        return_url="",
    )
    if is_taken:
        forgetful.ledger.capture(key="c", authorization=outcome.authorization, amount=TOTAL)
    assert forgetful.finish(order).state == State.CONFIRMED
    assert forgetful.money() == [("authorize", TOTAL), ("capture", TOTAL)]


@pytest.mark.parametrize("has_arrived", [True, False])
def test_without_its_key_a_cancelled_payment_is_given_back_or_was_never_made(
    forgetful: World, *, has_arrived: bool
) -> None:
    if has_arrived:
        order = forgetful.advance(make_order(payment_token="tok_late_success"))
    else:
        order = make_order(State.RESERVED)
        pay(order, PaymentState.UNKNOWN)
    cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)
    assert forgetful.finish(order).state == State.CANCELLED
    assert Payment.objects.get().state == PaymentState.VOIDED
    assert forgetful.ledger.open_authorizations() == []
    moved = [("authorize", TOTAL), ("void", TOTAL)]
    assert forgetful.money() == (moved if has_arrived else [])
