"""Order status, live progress, cancel, order again, link and look-up."""

from __future__ import annotations

import json
import re

import pytest

from storefront.cart.models import CartLine
from storefront.tests.order_page import NUMBER, PROGRESS, STATUS, text
from storefront.tests.shopper import EMAIL, Shopper
from storefront.tests.stubs.orders import Orders


def test_new_order_shows_its_place_in_line(ordered: Shopper) -> None:
    page = ordered.open(STATUS)
    assert "We have your order" in page
    assert "Place in the queue: <strong>3</strong> · about 4 s" in page
    assert "Your card has not been charged." in page
    assert f"We’ll e-mail {EMAIL} as soon as your order is confirmed or cancelled." in text(page)
    assert "Germany" in page


def test_a_long_line_is_not_counted_to_its_end(ordered: Shopper, orders: Orders) -> None:
    orders.by_number[NUMBER]["queue"] = {"position": 500, "expected_wait_seconds": 90}
    assert "Place in the queue: <strong>500 or more</strong> · about 90 s" in ordered.open(STATUS)


def test_each_state_has_its_words(ordered: Shopper, orders: Orders) -> None:
    for state, headline, done in (
        ("reserved", "Your items are reserved", 2),
        ("authorized", "Your bank has approved the payment", 2),
        ("committed", "Almost done", 2),
        ("confirmed", "Thank you, your order is confirmed", 3),
    ):
        orders.move(NUMBER, state)
        page = ordered.open(STATUS)
        assert headline in page
        assert page.html.count("stop--done") == done, state


def test_a_paid_orders_page_ends_at_what_is_true(ordered: Shopper, orders: Orders) -> None:
    orders.by_number[NUMBER]["total"] = {"amount": "1293.90", "currency": "EUR"}
    orders.move(NUMBER, "confirmed")
    page = text(ordered.open(STATUS))
    assert re.findall(r'stop__label">(.*?)<', page) == ["Received", "Reserved", "Paid"]
    assert "We’ll pack your order next." in page
    assert "Your card was charged €1,293.90." in page
    assert f"We’re sending your confirmation to {EMAIL}." in page
    for promise in ("Packed", "Shipped", "Delivered", "Tracking", "still to come", "charged once"):
        assert promise not in page


@pytest.mark.parametrize("state", ["cancelling", "cancelled"])
def test_no_confirmation_is_promised_for_an_order_that_ends_badly(
    ordered: Shopper, orders: Orders, state: str
) -> None:
    orders.move(NUMBER, state, reason="out_of_stock")
    page = text(ordered.open(STATUS))
    assert "your confirmation" not in page
    assert "We’ll pack" not in page
    assert ("We’ll e-mail" in page) == (state == "cancelling")


@pytest.mark.parametrize(
    ("state", "payment_status", "sentence"),
    [
        ("placed", "pending", "Your card has not been charged."),
        ("authorized", "authorized", "Your bank has reserved €153.90. Your card has not been"),
        ("confirmed", "paid", "Your card was charged €153.90."),
        ("cancelling", "authorized", "Your card will not be charged. We release any amount"),
        ("cancelled", "pending", "Your card was not charged."),
        ("cancelled", "declined", "Your card was not charged."),
        ("cancelled", "voided", "Your card was not charged. Any amount your bank had reserved"),
        ("cancelled", "paid", "Your card was charged €153.90."),
    ],
)
def test_each_page_says_what_happened_to_the_money(
    ordered: Shopper, orders: Orders, state: str, payment_status: str, sentence: str
) -> None:
    orders.by_number[NUMBER]["total"] = {"amount": "153.90", "currency": "EUR"}
    orders.move(NUMBER, state, reason="staff" if state.startswith("cancel") else None)
    orders.by_number[NUMBER]["payment_status"] = payment_status
    assert sentence in text(ordered.open(STATUS))


def test_progress_is_asked_for_until_the_order_is_done(ordered: Shopper, orders: Orders) -> None:
    page = ordered.open(STATUS)
    assert f'data-live hx-get="{PROGRESS}"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert f'href="{STATUS}">Refresh</a>' in page
    orders.move(NUMBER, "confirmed")
    page = ordered.open(STATUS)
    assert "data-live" not in page
    assert "http-equiv" not in page
    assert "htmx" not in page
    assert "data-live" not in ordered.open(PROGRESS)


def test_unchanged_progress_is_304(ordered: Shopper, orders: Orders) -> None:
    first = ordered.open(PROGRESS)
    (sent,) = re.findall("hx-headers='(.+?)'", text(first))
    etag = json.loads(sent)["If-None-Match"]
    assert etag == first.response["ETag"]
    unchanged = ordered.open(PROGRESS, If_None_Match=etag)
    assert unchanged.status == 304
    assert unchanged.html == ""
    orders.move(NUMBER, "reserved")
    changed = ordered.open(PROGRESS, If_None_Match=etag)
    assert changed.status == 200
    assert "Your items are reserved" in changed
    assert "<html" not in changed


def test_bank_confirmation_is_a_link(ordered: Shopper, orders: Orders) -> None:
    orders.move(NUMBER, "awaiting_shopper", confirm_url="http://127.0.0.1:9/confirm/1")
    page = ordered.open(STATUS)
    assert "Please confirm with your bank" in page
    assert 'href="http://127.0.0.1:9/confirm/1">Confirm with your bank</a>' in page


@pytest.mark.parametrize(
    ("reason", "payment", "sentences"),
    [
        (
            "out_of_stock",
            "pending",
            [
                "Sold out before we could reserve it",
                "you ordered 1, but none was left.",
                "Your card was not charged.",
            ],
        ),
        (
            "payment_declined",
            "declined",
            ["Your payment was declined", "Your card was not charged."],
        ),
        (
            "shopper",
            "voided",
            ["You cancelled this order.", "Any amount your bank had reserved has been"],
        ),
        ("staff", "pending", ["Our team cancelled this order."]),
        ("expired", "pending", ["no confirmation arrived in time"]),
        (None, "pending", ["We could not complete it.", "Your card was not charged."]),
    ],
)
def test_failure_says_what_happened_and_whether_money_moved(
    ordered: Shopper, orders: Orders, reason: str | None, payment: str, sentences: list[str]
) -> None:
    short = [{"sku": "TK-1", "name": "Takt Keys", "wanted": 1, "available": 0}]
    changes = {"short": short} if reason == "out_of_stock" else {}
    orders.move(NUMBER, "cancelled", reason=reason, payment_status=payment, **changes)
    page = ordered.open(STATUS)
    for sentence in sentences:
        assert sentence in page
    assert "stop--failed" in page
    assert "Put the products back into the cart" in page


def test_order_can_be_cancelled_while_allowed(ordered: Shopper, orders: Orders) -> None:
    page = ordered.submit(ordered.open(STATUS), f"{STATUS}cancel/")
    assert "Your order is being cancelled" in page
    assert orders.by_number[NUMBER]["state"] == "cancelling"


def test_too_late_cancel_says_why(ordered: Shopper, orders: Orders) -> None:
    page = ordered.open(STATUS)
    orders.move(NUMBER, "committed")
    page = ordered.submit(page, f"{STATUS}cancel/")
    assert "It is too late to cancel." in page
    assert "Cancel this order" not in page


def test_products_of_a_cancelled_order_go_back_into_the_cart(
    ordered: Shopper, orders: Orders
) -> None:
    orders.move(NUMBER, "cancelled", reason="payment_declined")
    page = ordered.submit(ordered.open(STATUS), f"{STATUS}again/")
    assert page.path == "/cart/"
    assert list(CartLine.objects.values_list("sku", "quantity")) == [("TK-1", 1)]


def test_reload_never_orders_again(ordered: Shopper, orders: Orders) -> None:
    ordered.open(STATUS)
    ordered.open(STATUS)
    assert list(orders.by_number) == [NUMBER]
