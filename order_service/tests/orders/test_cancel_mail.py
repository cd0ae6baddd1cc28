"""A sale that ends badly: one mail, which says why and what became of the money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications.actions import deliver
from order_service.orders.actions import cancel_order
from order_service.orders.models import Delivery, Order
from order_service.orders.states import Reason, State
from order_service.payments.models import Payment
from order_service.payments.states import PaymentState
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.product_stub import problem

pytestmark = pytest.mark.django_db(transaction=True)

NOT_CHARGED = "Your card was not charged."
RELEASED = f"{NOT_CHARGED} We have released the €24.80 that your bank had reserved."
MAY_BE_RELEASED = f"{NOT_CHARGED} If your bank has reserved €24.80, we have released that too."
Ending = Callable[[World], Order]


def sold_out(world: World) -> Order:
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 3, "available": 1}]
    return world.finish(make_order())


def sold_out_after_the_bank_approved(world: World) -> Order:
    order = make_order(State.RESERVED)
    world.shop.reservations[str(order.id)] = "expired"
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    return world.finish(order)


def declined(world: World) -> Order:
    return world.finish(make_order(payment_token="tok_insufficient_funds"))


def declined_after_the_bank_approved(world: World) -> Order:
    return world.finish(make_order(payment_token="tok_capture_decline"))


def never_confirmed(world: World) -> Order:
    patient = world.with_policy(awaiting_shopper=timedelta(0))
    return patient.finish(make_order(payment_token="tok_confirm"))


def cancelled_at_once(world: World) -> Order:
    return _cancel(world, make_order(), Reason.SHOPPER)


def cancelled_by_staff_after_the_bank_approved(world: World) -> Order:
    order = make_order()
    commit = f"/v1/reservations/{order.id}/commit"
    world.shop.answers = {commit: (503, problem(503, "unavailable"))}
    order = world.advance(order)
    assert order.state == State.AUTHORIZED
    world.shop.answers = {}
    return _cancel(world, order, Reason.STAFF)


def cancelled_while_the_answer_of_the_bank_was_lost(world: World) -> Order:
    order = world.advance(make_order(payment_token="tok_timeout_after_effect"))
    return _cancel(world, order, Reason.SHOPPER)


def _cancel(world: World, order: Order, reason: Reason) -> Order:
    assert cancel_order(order_id=order.id, actor="guest:ada", reason=reason)
    return world.finish(order)


@pytest.mark.parametrize(
    ("ending", "happened", "money"),
    [
        (sold_out, "Kettle: you ordered 3, but only one was left.", NOT_CHARGED),
        (sold_out_after_the_bank_approved, "you ordered 1, but none was left.", RELEASED),
        (declined, "Your bank declined the payment,", NOT_CHARGED),
        (declined_after_the_bank_approved, "Your bank declined the payment,", RELEASED),
        (never_confirmed, "no confirmation arrived in time.", MAY_BE_RELEASED),
        (cancelled_at_once, "Your order was cancelled at your request.", NOT_CHARGED),
        (cancelled_by_staff_after_the_bank_approved, "Our team cancelled your order.", RELEASED),
        (cancelled_while_the_answer_of_the_bank_was_lost, "at your request.", MAY_BE_RELEASED),
    ],
)
def test_a_cancelled_order_is_mailed_with_its_reason_and_what_became_of_the_money(
    world: World, ending: Ending, happened: str, money: str, mailoutbox: list[Any]
) -> None:
    order = ending(world)
    assert order.state == State.CANCELLED

    subject, text, page = _only_mail(order, mailoutbox)

    assert subject == f"Your order {order.number} was cancelled"
    for content in (text, page):
        assert happened in content
        assert money in content
        assert order.number in content
        assert "Kettle" in content
        assert f"/orders/{order.number}/?token=" in content
        for promise in ("pack", "confirmed and paid", "Your card was charged", "{{", "{%"):
            assert promise not in content
    is_held = money != NOT_CHARGED
    assert ("reserved €" in text or "bank had reserved" in text) == is_held


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (PaymentState.REFUNDED, "Your card was charged €1,293.90. We have refunded the full"),
        (PaymentState.CAPTURED, "Your card was charged €1,293.90. We owe you this amount."),
    ],
)
def test_money_that_was_taken_is_never_called_not_charged(
    state: PaymentState, said: str, mailoutbox: list[Any]
) -> None:
    order = make_order(State.CANCELLED)
    Payment.objects.create(
        order=order,
        amount=Decimal("1293.90"),
        currency="EUR",
        state=state,
        idempotency_key="order-1",
        provider_reference="auth_1",
    )

    _, text, page = _only_mail(order, mailoutbox)

    for content in (text, page):
        assert said in content
        assert NOT_CHARGED not in content


def test_the_mail_waits_until_the_money_is_back(world: World) -> None:
    order = make_order()
    assert cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)
    assert not Delivery.objects.exists()
    world.finish(order)
    assert [d.topic for d in Delivery.objects.all()] == ["order_cancelled"]


def test_an_order_that_was_cancelled_before_these_mails_existed_gets_none_late(
    world: World,
) -> None:
    order = make_order(State.CANCELLED)
    Delivery.objects.all().delete()

    world.advance(order)
    assert not cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)

    assert take(NOTIFICATIONS, limit=10, oldest=None, again=timedelta(0)) == []
    assert not Delivery.objects.exists()


def _only_mail(order: Order, mailoutbox: list[Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of the one mail of the order, however often it is delivered."""
    delivery = Delivery.objects.get(event__order=order)
    assert deliver(delivery.pk)
    assert deliver(delivery.pk)
    (mail,) = mailoutbox
    assert isinstance(mail, EmailMultiAlternatives)
    assert mail.to == ["ada@example.org"]
    return str(mail.subject), str(mail.body), str(mail.alternatives[0][0])
