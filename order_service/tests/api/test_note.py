"""The note of an order: what a shopper writes to the shop with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from order_service.notifications.mail import order_confirmation
from order_service.orders.models import Delivery, Order
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


def test_it_is_in_the_mail_and_in_the_back_office(admin_client: Client) -> None:
    order = make_order(State.CONFIRMED, note="Ring <twice>")

    mail = order_confirmation(Delivery.objects.get(event__order=order))
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()

    assert "Your note\n    Ring <twice>\n" in str(mail.body)
    assert "Ring &lt;twice&gt;" in str(mail.alternatives[0][0])
    assert "Ring &lt;twice&gt;" in page


def test_a_mail_without_a_note_has_no_words_about_it() -> None:
    order = make_order(State.CONFIRMED)

    mail = order_confirmation(Delivery.objects.get(event__order=order))

    assert "note" not in str(mail.body)
    assert "note" not in str(mail.alternatives[0][0])
