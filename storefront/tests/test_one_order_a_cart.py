"""One cart leads to one order, whichever of its pages is sent how often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.tests.shopper import ADDRESS, Page, Shopper
from storefront.tests.stubs.orders import Orders, placements
from storefront.tests.stubs.server import PATIENCE_SECONDS, Reply, Request, Stub

FIRST, SECOND = "/orders/TC-00000001/", "/orders/TC-00000002/"
UNKNOWN_ATTEMPT = "8a4f0c1e-6f4b-4c5e-9d55-0d7a3f1b2c60"
OUT_OF_DATE = "That page was out of date"


def shown(review: Page) -> tuple[str, str]:
    """What a review page names when its button is pressed."""
    fields = review.form("/checkout/place/").fields
    return fields["attempt"], fields["content"]


def cart() -> dict[str, int]:
    return dict(CartLine.objects.values_list("sku", "quantity"))


def test_second_press_shows_the_same_order(shopper: Shopper, order_service: Stub) -> None:
    review = shopper.review()
    first, second = shopper.pay(review), shopper.pay(review)
    assert first.path == second.path == FIRST
    assert len(placements(order_service)) == 1


def test_review_in_two_tabs_is_one_order(shopper: Shopper, order_service: Stub) -> None:
    one, other = shopper.review(), shopper.open("/checkout/review/")
    assert shopper.pay(other).path == shopper.pay(one).path == FIRST
    assert len(placements(order_service)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tabs", [2, 5])
def test_tabs_that_pay_at_once_take_the_lines_out_once(
    order_service: Stub, orders: Orders, tabs: int
) -> None:
    shopper = Shopper(Client())
    shopper.review(quantity=2)
    pages = [shopper.open("/checkout/review/") for _ in range(tabs)]
    shopper.add("TK-1", 3)  # after the review pages: not part of this order
    barrier = threading.Barrier(tabs, timeout=PATIENCE_SECONDS)
    one_by_one = threading.Lock()

    def all_are_here(request: Request) -> Reply:
        if request.path == "/v1/orders":
            barrier.wait()
        with one_by_one:
            return orders.answer(request)

    order_service.answer = all_are_here

    def press(page: Page) -> str:
        client = Client()
        client.cookies = shopper.client.cookies
        try:
            fields = page.form("/checkout/place/").fields
            return client.post("/checkout/place/", fields)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(tabs) as presses:
        answers = list(presses.map(press, pages))
    assert answers == [FIRST] * tabs
    assert cart() == {"TK-1": 3}


def test_reloads_of_the_review_leave_one_attempt(shopper: Shopper) -> None:
    first = shown(shopper.review())
    assert {shown(shopper.open("/checkout/review/")) for _ in range(10)} == {first}
    assert Checkout.objects.count() == 1


def test_a_second_open_attempt_is_refused_by_the_database(shopper: Shopper) -> None:
    shopper.review()
    subject = Checkout.objects.get().subject
    with pytest.raises(IntegrityError, match="checkout_one_open_a_subject"):
        Checkout.objects.create(subject=subject, body={}, content="other")


CHANGES = {
    "another address": ("/checkout/delivery/", {**ADDRESS, "city": "Potsdam"}),
    "another delivery": ("/checkout/delivery/", {**ADDRESS, "shipping_method": "express"}),
    "another payment": ("/checkout/payment/", {"payment_token": "tok_decline"}),
    "another e-mail": ("/checkout/contact/", {"email": "eve@example.org"}),
    "more pieces": ("/cart/change/", {"sku": "TK-1", "quantity": "3"}),
    "another product": ("/cart/add/", {"sku": "KB-1", "quantity": "1", "slug": "kolibri-buds"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_page_never_buys_what_another_tab_shows(
    shopper: Shopper, order_service: Stub, change: str
) -> None:
    old = shopper.review()
    shopper.send(CHANGES[change][0], **CHANGES[change][1])
    new = shopper.open("/checkout/review/")
    page = shopper.pay(old)
    assert OUT_OF_DATE in page
    assert page.path == "/checkout/review/"
    assert shown(page) == shown(new)
    assert placements(order_service) == []
    assert shopper.pay(new).path == FIRST
    assert shopper.pay(old).path == FIRST
    assert len(placements(order_service)) == 1


def test_a_page_that_shows_the_same_again_is_good_again(shopper: Shopper) -> None:
    page = shopper.review()
    shopper.send("/cart/change/", sku="TK-1", quantity=3)
    shopper.open("/checkout/review/")
    shopper.send("/cart/change/", sku="TK-1", quantity=1)
    shopper.open("/checkout/review/")
    assert shopper.pay(page).path == FIRST


@pytest.mark.parametrize(
    ("path", "fields", "then"),
    [
        ("/cart/remove/", {"sku": "TK-1"}, "/cart/"),
        ("/cart/change/", {"sku": "TK-1", "quantity": 1}, "/checkout/review/"),
    ],
)
def test_lines_that_left_the_cart_are_not_ordered(
    shopper: Shopper, order_service: Stub, path: str, fields: dict[str, object], then: str
) -> None:
    review = shopper.review(quantity=2)
    shopper.send(path, **fields)
    page = shopper.pay(review)
    assert page.path == then
    assert OUT_OF_DATE in page
    assert placements(order_service) == []


def test_product_that_was_added_meanwhile_stays(shopper: Shopper, order_service: Stub) -> None:
    review = shopper.review()
    shopper.add("KB-1")
    assert shopper.pay(review).path == FIRST
    ((_, body),) = placements(order_service)
    assert body["lines"] == [{"sku": "TK-1", "quantity": 1, "variant_id": 5}]
    assert cart() == {"KB-1": 1}


def test_the_same_goods_are_bought_again_on_purpose(shopper: Shopper, order_service: Stub) -> None:
    old = shopper.review()
    assert shopper.pay(old).path == FIRST
    shopper.add("TK-1")
    new = shopper.send("/checkout/payment/", payment_token="tok_approve")
    assert shopper.pay(old).path == FIRST  # the page of the first order is still its page
    assert shopper.pay(new).path == SECOND
    assert len({key for key, _ in placements(order_service)}) == 2
    assert cart() == {}


def test_declined_order_goes_back_into_a_cart_that_has_goods(
    shopper: Shopper, orders: Orders
) -> None:
    page = shopper.buy()
    orders.move("TC-00000001", "cancelled", reason="payment_declined", payment_status="declined")
    shopper.add("KB-1")
    page = shopper.open(FIRST)
    assert "Put the products back into the cart, then choose another way to pay." in page
    page = shopper.submit(page, f"{FIRST}again/")
    assert page.path == "/cart/"
    assert cart() == {"KB-1": 1, "TK-1": 1}
    assert shopper.open("/checkout/").path == "/checkout/payment/"  # how to pay is asked again
    review = shopper.send("/checkout/payment/", payment_token="tok_approve")
    assert shopper.pay(review).path == SECOND
    assert cart() == {}


@pytest.mark.parametrize("attempt", ["", "x", "a\x00", UNKNOWN_ATTEMPT])
def test_unknown_attempt_orders_nothing(
    shopper: Shopper, order_service: Stub, attempt: str
) -> None:
    fields = shopper.review().form("/checkout/place/").fields
    page = shopper.send("/checkout/place/", **{**fields, "attempt": attempt})
    assert page.path == "/checkout/review/"
    assert OUT_OF_DATE in page
    assert placements(order_service) == []


def test_attempt_without_its_content_orders_nothing(shopper: Shopper, order_service: Stub) -> None:
    attempt = shopper.review().form("/checkout/place/").fields["attempt"]
    for sent in ({}, {"content": ""}, {"content": "0" * 64}):
        assert OUT_OF_DATE in shopper.send("/checkout/place/", attempt=attempt, **sent)
    assert placements(order_service) == []


def test_attempt_and_content_may_be_one_field(shopper: Shopper, order_service: Stub) -> None:
    attempt, content = shown(shopper.review())
    assert OUT_OF_DATE in shopper.send("/checkout/place/", attempt=f"{attempt}.{'0' * 64}")
    assert shopper.send("/checkout/place/", attempt=f"{attempt}.{content}").path == FIRST
    assert len(placements(order_service)) == 1


def test_attempt_of_another_shopper_orders_nothing(shopper: Shopper, order_service: Stub) -> None:
    fields = shopper.review().form("/checkout/place/").fields
    stranger = Shopper(Client())
    stranger.add("TK-1")
    stranger.send("/checkout/place/", **fields)
    assert placements(order_service) == []


@contextmanager
def overtaken(other_tab: Callable[[], object]) -> Iterator[None]:
    """The other tab acts after a press was found good and before it is marked as sent."""
    acts = [other_tab]

    def overtake(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("UPDATE") and "sent_at" in sql and acts:
            acts.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        yield
    assert not acts


def test_press_that_another_tab_overtakes_is_out_of_date(
    shopper: Shopper, order_service: Stub
) -> None:
    review = shopper.review()

    def show_more() -> None:
        shopper.send("/cart/change/", sku="TK-1", quantity=3)
        shopper.open("/checkout/review/")

    with overtaken(show_more):
        page = shopper.pay(review)
    assert OUT_OF_DATE in page
    assert placements(order_service) == []
    assert shopper.pay(page).path == FIRST


def test_press_that_its_twin_overtakes_shows_the_order_of_the_twin(
    shopper: Shopper, order_service: Stub
) -> None:
    review = shopper.review()
    with overtaken(lambda: shopper.pay(review)):
        assert shopper.pay(review).path == FIRST
    assert len(placements(order_service)) == 1
