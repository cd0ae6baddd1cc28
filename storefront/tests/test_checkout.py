"""Checkout: three steps, review, and one order an attempt whatever is pressed or lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.tests.failing import fail
from storefront.tests.shopper import ADDRESS, EMAIL, Shopper
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Reply, Request, Stub, problem

UNKNOWN_ATTEMPT = "8a4f0c1e-6f4b-4c5e-9d55-0d7a3f1b2c60"


def placements(order_service: Stub) -> list[tuple[str, object]]:
    """Key and body of every POST /v1/orders that went over the wire."""
    return [
        (one.headers["Idempotency-Key"], one.json)
        for one in order_service.requests
        if (one.method, one.path) == ("POST", "/v1/orders")
    ]


def test_whole_purchase_with_the_forms_of_the_pages(
    careful_shopper: Shopper, order_service: Stub
) -> None:
    shopper = careful_shopper
    page = shopper.submit(shopper.open("/p/takt-keys/"), "/cart/add/", quantity=2)
    page = shopper.open("/checkout/")
    assert page.path == "/checkout/contact/"
    page = shopper.submit(page, "", email=EMAIL)
    assert page.path == "/checkout/delivery/"
    assert page.form("").fields["shipping_method"] == "standard"  # chosen beforehand
    address = {name: text for name, text in ADDRESS.items() if name != "shipping_method"}
    page = shopper.submit(page, "", **address)
    assert page.path == "/checkout/payment/"
    page = shopper.submit(page, "", payment_token="tok_approve")
    assert page.path == "/checkout/review/"
    assert "Pay €44.90" in page  # 2 x 20.00 and 4.90 for delivery
    page = shopper.pay(page)
    assert page.path == "/orders/TC-00000001/"
    assert "We have your order" in page
    assert placements(order_service) == [
        (
            str(Checkout.objects.get().attempt),
            {
                "lines": [{"sku": "TK-1", "quantity": 2}],
                "email": EMAIL,
                "shipping_address": {name: text for name, text in address.items() if text},
                "shipping_method": "standard",
                "payment_token": "tok_approve",
                "expected_total": {"amount": "44.90", "currency": "EUR"},
            },
        )
    ]
    assert "Your cart is empty." in shopper.open("/cart/")


def test_second_press_shows_the_same_order(shopper: Shopper, order_service: Stub) -> None:
    review = shopper.review()
    first, second = shopper.pay(review), shopper.pay(review)
    assert first.path == second.path == "/orders/TC-00000001/"
    assert len(placements(order_service)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_take_the_lines_out_once(order_service: Stub, orders: Orders) -> None:
    shopper = Shopper(Client())
    attempt = shopper.review(quantity=2).form("/checkout/place/").fields["attempt"]
    shopper.add("TK-1", 3)  # after the review page: not part of this order
    together = threading.Barrier(2, timeout=10)

    def both_are_here(request: Request) -> Reply:
        reply = orders.answer(request)
        if request.path == "/v1/orders":
            together.wait()
        return reply

    order_service.answer = both_are_here

    def press() -> str:
        client = Client()
        client.cookies = shopper.client.cookies
        try:
            return client.post("/checkout/place/", {"attempt": attempt})["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as presses:
        answers = [each.result() for each in [presses.submit(press) for _ in range(2)]]
    assert answers == ["/orders/TC-00000001/"] * 2
    assert dict(CartLine.objects.values_list("sku", "quantity")) == {"TK-1": 3}


def test_back_and_pay_again_sends_the_frozen_body(
    shopper: Shopper, order_service: Stub, catalogue: Catalogue
) -> None:
    review = shopper.review()
    order_service.fault = "broken"
    shopper.pay(review)
    order_service.fault = ""
    shopper.add("KB-1")  # today's cart is another one
    page = shopper.pay(review)
    assert page.path == "/orders/TC-00000001/"
    (first_key, first_body), (second_key, second_body) = placements(order_service)
    assert (first_key, first_body) == (second_key, second_body)
    assert list(CartLine.objects.values_list("sku", flat=True)) == ["KB-1"]  # not ordered: stays


def test_each_review_page_is_a_new_attempt(shopper: Shopper) -> None:
    first, second = shopper.review(), shopper.open("/checkout/review/")
    attempts = {page.form("/checkout/place/").fields["attempt"] for page in (first, second)}
    assert len(attempts) == 2


def test_lost_answer_is_asked_again_with_the_same_key(
    shopper: Shopper, order_service: Stub, orders: Orders
) -> None:
    review = shopper.review()
    order_service.fault = "slow"
    page = shopper.pay(review)
    assert page.status == 503
    assert "We are still checking your order" in page
    assert "€24.90" in page
    order_service.fault = ""
    page = shopper.submit(page, "/checkout/place/")
    assert page.path == "/orders/TC-00000001/"
    keys = {key for key, _ in placements(order_service)}
    assert len(keys) == 1
    assert len(orders.by_number) == 1


def test_checking_page_stops_repeating_by_itself(shopper: Shopper, order_service: Stub) -> None:
    page = shopper.review()
    order_service.fault = "broken"
    waits = []
    for _ in range(6):
        page = shopper.submit(page, "/checkout/place/")
        waits.append("data-repeat-after-seconds" in page)
    assert waits == [True] * 5 + [False]
    assert "Check again" in page  # the shopper still can


def test_order_desk_out_of_reach_says_that_nothing_was_sent(
    shopper: Shopper, order_service: Stub, settings: Settings
) -> None:
    review = shopper.review()
    fail(order_service, "refused", settings)
    page = shopper.pay(review)
    assert page.status == 503
    assert "Nothing was ordered and nothing was charged." in page
    assert "Send it again" in page


def test_order_in_flight_is_still_checked(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review()
    orders.refuse = problem(409, "in_flight")
    assert "We are still checking your order" in shopper.pay(review)


def test_changed_price_is_named_before_anything_is_bought(
    shopper: Shopper, catalogue: Catalogue, orders: Orders
) -> None:
    review = shopper.review()
    catalogue.variant("TK-1").price = "25.00"
    page = shopper.pay(review)
    assert page.status == 409
    assert "the total changed from €24.90 to €29.90" in page
    assert "Takt Keys now costs €25.00 instead of €20.00." in page
    assert orders.by_number == {}
    assert "Pay €29.90" in page
    assert shopper.pay(page).path == "/orders/TC-00000001/"


def test_product_that_vanished_leads_to_the_cart(
    shopper: Shopper, catalogue: Catalogue, orders: Orders
) -> None:
    review = shopper.review()
    catalogue.variant("TK-1").vanished = True
    page = shopper.pay(review)
    assert page.path == "/cart/"
    assert "This is no longer sold." in page
    assert orders.by_number == {}


def test_review_with_a_sold_out_product_leads_to_the_cart(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.review()
    catalogue.variant("TK-1").available = 0
    assert shopper.open("/checkout/review/").path == "/cart/"


@pytest.mark.parametrize("attempt", ["", "x", "a\x00", UNKNOWN_ATTEMPT])
def test_unknown_attempt_orders_nothing(
    shopper: Shopper, order_service: Stub, attempt: str
) -> None:
    shopper.review()
    page = shopper.send("/checkout/place/", attempt=attempt)
    assert page.path == "/checkout/review/"
    assert "That page was out of date." in page
    assert placements(order_service) == []


def test_attempt_of_another_shopper_orders_nothing(shopper: Shopper, order_service: Stub) -> None:
    attempt = shopper.review().form("/checkout/place/").fields["attempt"]
    stranger = Shopper(Client())
    stranger.add("TK-1")
    stranger.send("/checkout/place/", attempt=attempt)
    assert placements(order_service) == []


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Enter your e-mail address."),
        ("\u200b\u3164", "Enter your e-mail address."),
        ("ada", "Enter an e-mail address like name@example.org."),
        ("ada@localhost", "Enter an e-mail address like name@example.org."),
        ("ada@exam\u200bple.org", "Enter an e-mail address like name@example.org."),
        ("a\x00@example.org", "Null characters are not allowed."),
    ],
)
def test_wrong_contact_keeps_the_form(shopper: Shopper, email: str, sentence: str) -> None:
    shopper.add("TK-1")
    page = shopper.send("/checkout/contact/", email=email)
    assert page.status == 422
    assert f'<a href="#id_email">{sentence}</a>' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="error_email"' in page


def test_wrong_delivery_names_each_field_and_keeps_the_rest(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    wrong = {**ADDRESS, "name": "", "city": "x" * 300, "country": "XX", "shipping_method": "owl"}
    page = shopper.send("/checkout/delivery/", **wrong)
    assert page.status == 422
    assert "Please check these 4 things" in page
    for target in ("id_name", "id_city", "id_country", "id_shipping_method_0"):
        assert f'href="#{target}"' in page
    assert 'value="Lindenstraße 12"' in page


@pytest.mark.parametrize("name", ["line1", "postal_code", "city", "name"])
def test_nul_byte_in_an_address_is_a_form_error(shopper: Shopper, name: str) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, name: "a\x00b"})
    assert page.status == 422
    assert f'id="error_{name}"' in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("\u200b", "Enter your full name."),
        ("\u3164\u00ad ", "Enter your full name."),
        ("Ada \u202eecalevoL", "change the direction of text"),
        ("Ada\x1b[31m", "Leave out line breaks and control characters."),
    ],
)
def test_a_name_that_cannot_be_read_is_a_form_error(
    shopper: Shopper, typed: str, sentence: str
) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, "name": typed})
    assert page.status == 422
    assert sentence in page


def test_a_form_does_not_repeat_a_long_text(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    usual = shopper.open("/checkout/delivery/")
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, "city": '"' * 60_000})
    assert page.status == 422
    assert len(page.html) < len(usual.html) + 20_000


def test_typed_data_survives_an_outage(shopper: Shopper, order_service: Stub) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    order_service.fault = "dead"
    page = shopper.send("/checkout/delivery/", **ADDRESS)
    assert page.status == 503
    assert "everything you typed are kept" in page
    order_service.fault = ""
    again = shopper.open("/checkout/delivery/")
    assert 'value="Ada Lovelace"' in again


def test_steps_cannot_be_skipped(shopper: Shopper) -> None:
    shopper.add("TK-1")
    for step in ("delivery", "payment", "review"):
        assert shopper.open(f"/checkout/{step}/").path == "/checkout/contact/"
    assert shopper.open("/checkout/dessert/").status == 404


def test_empty_cart_cannot_be_checked_out(shopper: Shopper) -> None:
    assert shopper.open("/checkout/contact/").path == "/cart/"


def test_field_refused_by_the_order_desk_is_shown_in_its_step(
    shopper: Shopper, orders: Orders
) -> None:
    review = shopper.review()
    error = {"pointer": "/shipping_address/postal_code", "detail": "No such code.", "code": "x"}
    orders.refuse = problem(400, "invalid", errors=[error])
    page = shopper.pay(review)
    assert page.status == 422
    assert '<a href="#id_postal_code">No such code.</a>' in page
    assert 'value="10969"' in page


def test_other_refusal_is_said_on_a_new_review_page(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review()
    orders.refuse = problem(422, "something_new", detail="We cannot do that.")
    page = shopper.pay(review)
    assert page.status == 422
    assert "Nothing was ordered: We cannot do that." in page
    assert "Pay €24.90" in page


def test_checkout_pages_are_not_stored_by_caches(shopper: Shopper) -> None:
    review = shopper.review()
    assert "no-store" in review.response["Cache-Control"]
