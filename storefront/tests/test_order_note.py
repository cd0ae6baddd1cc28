"""The note that a shopper writes to the shop with an order."""

from __future__ import annotations

from storefront.tests.shopper import ADDRESS, Shopper
from storefront.tests.stubs.orders import Orders, placements
from storefront.tests.stubs.server import Stub, problem
from storefront.tests.test_unanswered import CHECKING, FIRST, heal, lose_answers

NOTE = "Please ring <twice>"
SHOWN = "Please ring &lt;twice&gt;"


def test_a_note_is_shown_before_and_after_it_is_sent(shopper: Shopper, order_service: Stub) -> None:
    review = shopper.review(note=f" {NOTE} ")

    assert SHOWN in review
    assert SHOWN in shopper.pay(review)
    [(_, body)] = placements(order_service)
    assert body["note"] == NOTE


def test_an_order_without_a_note_is_sent_and_shown_without_one(
    shopper: Shopper, order_service: Stub
) -> None:
    review = shopper.review()
    assert "Note to us" not in review
    assert "Your note" not in shopper.pay(review)
    [(_, body)] = placements(order_service)
    assert "note" not in body


def test_the_next_order_begins_without_the_note(shopper: Shopper) -> None:
    shopper.pay(shopper.review(note=NOTE))
    shopper.add("TK-1")

    delivery = shopper.open("/checkout/delivery/")

    assert delivery.form("").fields["note"] == ""
    assert delivery.form("").fields["line1"] == ADDRESS["line1"]


def test_a_note_that_is_too_long_is_kept_to_be_shortened(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email="ada@example.org")

    page = shopper.send("/checkout/delivery/", **{**ADDRESS, "note": "x" * 501})

    assert page.status == 422
    assert "Enter at most 500 characters." in page
    assert "x" * 501 in page


def test_a_service_that_knows_no_note_leads_back_to_it(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review(note=NOTE)
    detail = "This field is not known here; leave it out."
    errors = [{"pointer": "/note", "detail": detail, "code": "unknown_field"}]
    orders.refuse = problem(400, "invalid", errors=errors)

    page = shopper.pay(review)

    assert page.status == 422
    assert f'<a href="#id_note">{detail}</a>' in page
    assert "TC-" in shopper.pay(shopper.send("/checkout/delivery/", **ADDRESS)).path


def test_a_pod_that_knows_no_note_says_nothing_of_an_order_that_was_sent(
    shopper: Shopper, order_service: Stub, orders: Orders
) -> None:
    review = shopper.review(note=NOTE)
    lose_answers(order_service, orders)
    assert CHECKING in shopper.pay(review)
    heal(order_service)
    errors = [{"pointer": "/note", "detail": "Leave it out.", "code": "unknown_field"}]
    orders.refuse = problem(400, "invalid", errors=errors)

    page = shopper.pay(review)

    assert page.status == 503
    assert CHECKING in page
    assert shopper.pay(review).path == FIRST


def test_an_order_of_a_service_that_knows_no_note_is_shown(
    shopper: Shopper, orders: Orders
) -> None:
    page = shopper.buy()
    for order in orders.by_number.values():
        del order["note"]

    shown = shopper.open(page.path)
    assert shown.status == 200
    assert "Your note" not in shown
