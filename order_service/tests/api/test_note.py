"""The note of an order: what a shopper writes to the shop with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from order_service.notifications.channels import OwnerMail, ShopperMail
from order_service.orders.models import ChannelName, Delivery, Order
from order_service.orders.states import State
from order_service.tests.clients import Shopper
from order_service.tests.factories import make_order
from order_service.tests.product_stub import State as Shop

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "Please ring twice, we're in the garden. Merci!"


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 400
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


def test_a_note_is_kept_and_told(ada: Shopper, shop: Shop) -> None:
    placed = ada.place(note=f" {NOTE} ").json()

    assert placed["note"] == NOTE
    assert Order.objects.get().note == NOTE
    assert ada.get(f"/v1/orders/{placed['number']}").json()["note"] == NOTE


@pytest.mark.parametrize("left_out", [{}, {"note": ""}, {"note": " \u200b"}])
def test_an_order_needs_none(ada: Shopper, shop: Shop, left_out: dict[str, str]) -> None:
    assert ada.place(**left_out).json()["note"] == ""
    assert Order.objects.get().note == ""


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("x" * 501, "max_length"),
        ("a\nb", "invalid"),
        ("\u202ex", "invalid"),
        (None, "null"),
        (5, "invalid"),
    ],
)
def test_what_is_no_note_is_refused(ada: Shopper, shop: Shop, note: object, code: str) -> None:
    assert errors(ada.place(note=note)) == [("/note", code)]
    assert not Order.objects.exists()


def test_it_can_be_erased_alone(ada: Shopper, shop: Shop) -> None:
    """As docs/personal-data.md says."""
    number = ada.place(note=NOTE).json()["number"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET note = '' WHERE number = %s", [number])
    assert ada.get(f"/v1/orders/{number}").json()["note"] == ""


def test_it_is_in_both_mails_and_in_the_back_office(
    admin_client: Client, settings: Settings
) -> None:
    settings.OWNER_EMAIL = "owner@example.org"
    order = make_order(State.CONFIRMED, note="Ring <twice>")

    mail, to_owner = mails_of(order)
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()

    assert "Your note\n    Ring <twice>\n" in str(mail.body)
    assert "Note of the customer\n    Ring <twice>\n" in str(to_owner.body)
    for each in (mail, to_owner):
        assert "Ring &lt;twice&gt;" in str(each.alternatives[0][0])
    assert "Ring &lt;twice&gt;" in page


def test_a_mail_without_a_note_has_no_words_about_it(settings: Settings) -> None:
    settings.OWNER_EMAIL = "owner@example.org"

    for mail in mails_of(make_order(State.CONFIRMED)):
        assert "note" not in str(mail.body).lower()
        assert "note" not in str(mail.alternatives[0][0]).lower()


def mails_of(order: Order) -> tuple[EmailMultiAlternatives, EmailMultiAlternatives]:
    """To the shopper and to the owner."""
    deliveries = Delivery.objects.filter(event__order=order)
    return (
        ShopperMail().message(deliveries.get(channel=ChannelName.MAIL)),
        OwnerMail().message(deliveries.get(channel=ChannelName.OWNER_MAIL)),
    )
