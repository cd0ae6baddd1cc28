"""The owner's mail: one for each order that is confirmed while OWNER_EMAIL names somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from order_service.notifications.actions import deliver, try_again
from order_service.notifications.channels import OwnerMail, back_office_page
from order_service.notifications.mail import message_id
from order_service.orders.models import Delivery, Order, Topic
from order_service.orders.states import State
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = "owner@example.org"


@pytest.fixture(autouse=True)
def _owner(settings: Settings) -> None:
    settings.OWNER_EMAIL = OWNER
    settings.ORDERS_ADMIN_URL = "https://orders.shop.example"


def told_owner(order: Order) -> Delivery:
    return Delivery.objects.get(event__order=order, topic=Topic.NEW_ORDER)


def sent() -> list[EmailMultiAlternatives]:
    return [each for each in mail.outbox if isinstance(each, EmailMultiAlternatives)]


def test_the_owner_is_told_what_was_bought_and_where_to_see_it(settings: Settings) -> None:
    order = make_order(State.CONFIRMED, number="TC-7Q2M9X4B")
    assert deliver(told_owner(order).pk)
    [message] = sent()
    assert (message.to, message.cc, message.bcc) == ([OWNER], [], [])
    assert message.reply_to == ["ada@example.org"]
    assert message.subject == "New order TC-7Q2M9X4B: €24.80"
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    html = str(message.alternatives[0][0])
    page = reverse("admin:orders_order_change", args=[order.pk])
    for content in (str(message.body), html):
        for wanted in ("TC-7Q2M9X4B", "Kettle", "Steel", "€19.90", "€4.90", "€24.80", "€3.96"):
            assert wanted in content
        for wanted in ("Ada Lovelace", "10115 Berlin", "ada@example.org", "confirmed and paid"):
            assert wanted in content
        assert f"https://orders.shop.example{page}" in content
        assert "token=" not in content  # the shopper's own link
        assert "Keep th" not in content


def test_without_an_address_of_the_back_office_there_is_no_link(settings: Settings) -> None:
    settings.ORDERS_ADMIN_URL = ""
    order = make_order(State.CONFIRMED)
    assert deliver(told_owner(order).pk)
    [message] = sent()
    assert back_office_page(order) == ""
    assert "href" not in str(message.alternatives[0][0])
    assert "back office" not in str(message.body)


def test_shopper_and_owner_get_one_mail_each(world: World) -> None:
    order = world.finish(make_order())
    for delivery in Delivery.objects.order_by("?"):
        deliver(delivery.pk)
        deliver(delivery.pk)
    assert order.state == State.CONFIRMED
    assert sorted(each.to[0] for each in sent()) == ["ada@example.org", OWNER]
    assert len({each.extra_headers["Message-ID"] for each in sent()}) == 2


def test_a_cancelled_order_is_no_news_for_the_owner(world: World) -> None:
    world.finish(make_order(payment_token="tok_insufficient_funds"))
    assert [each.topic for each in Delivery.objects.all()] == [Topic.ORDER_CANCELLED]


def test_nobody_is_told_without_an_address_or_later_of_an_order_from_before_it(
    settings: Settings, world: World
) -> None:
    settings.OWNER_EMAIL = ""
    order = world.finish(make_order())
    settings.OWNER_EMAIL = OWNER
    world.finish(order)
    assert [each.topic for each in Delivery.objects.all()] == [Topic.ORDER_CONFIRMATION]


def test_an_address_that_was_taken_out_ends_the_tries_and_calls_nobody(
    settings: Settings,
) -> None:
    delivery = told_owner(make_order(State.CONFIRMED))
    settings.OWNER_EMAIL = ""
    assert not deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.next_try_at, delivery.attention_at) == (None, None)
    assert delivery.last_error == "OWNER_EMAIL is empty"
    assert sent() == []
    settings.OWNER_EMAIL = OWNER
    assert try_again([delivery.pk]) == 1
    delivery.refresh_from_db()
    assert delivery.next_try_at is not None
    assert deliver(delivery.pk)


def test_a_failed_mail_is_tried_again_under_one_id_and_given_up_in_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = told_owner(make_order(State.CONFIRMED))
    writers = OwnerMail.writers

    def broken(order: Order) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(OwnerMail, "writers", {Topic.NEW_ORDER: broken})
    for _ in range(12):
        started = timezone.now()
        assert not deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.due_at is not None
        assert delivery.next_attempt_at is None
        assert delivery.due_at > started + timedelta(seconds=4)
    assert (delivery.attempts, delivery.attention_at is None) == (12, False)

    monkeypatch.setattr(OwnerMail, "writers", writers)
    assert try_again([delivery.pk]) == 1
    assert deliver(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=None, due_at=Now())  # the worker died
    assert deliver(delivery.pk)
    assert [each.extra_headers["Message-ID"] for each in sent()] == [message_id(delivery)] * 2
    delivery.refresh_from_db()
    assert (delivery.due_at, delivery.next_attempt_at) == (None, None)
