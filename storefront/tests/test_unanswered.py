"""An order that was sent and not answered: asked again, and nothing else is bought meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.retention import RETENTION
from storefront.tests.failing import fail
from storefront.tests.shopper import Page, Shopper
from storefront.tests.stubs.orders import Orders, placements
from storefront.tests.stubs.server import Reply, Request, Stub, problem
from storefront.tests.ways import WAYS, add_a_product, lose_the_session, open_review, press_again

FIRST, SECOND = "/orders/TC-00000001/", "/orders/TC-00000002/"
CHECKING = "We’re still checking your order"
CART_SAYS = "We’re still checking your last order. It may already have been placed."
SENT_BEFORE = "This is the order you placed earlier. Nothing else was ordered."


def lose_answers(order_service: Stub, orders: Orders) -> None:
    """Orders are placed, and the connection is cut before the answer."""

    def reply(request: Request) -> Reply | None:
        order_service.requests.append(request)
        answer = orders.answer(request)
        return None if request.path == "/v1/orders" else answer

    order_service.reply = reply  # type: ignore[method-assign]


def heal(order_service: Stub) -> None:
    order_service.fault = ""
    vars(order_service).pop("reply", None)


@pytest.mark.parametrize(
    ("way", "is_placed"),
    [*((way, True) for way in WAYS), (press_again, False), (open_review, False)],
)
def test_every_way_leads_to_the_one_order(
    shopper: Shopper,
    order_service: Stub,
    orders: Orders,
    way: Callable[[Shopper, Page], Page],
    is_placed: bool,
) -> None:
    review = shopper.review()
    if is_placed:
        lose_answers(order_service, orders)
    else:
        order_service.fault = "broken"
    assert CHECKING in shopper.pay(review)
    heal(order_service)
    page = way(shopper, review)
    assert page.path == FIRST
    assert (SENT_BEFORE in page) == (way is not press_again)
    assert len(orders.by_number) == 1
    assert len({str(each) for each in placements(order_service)}) == 1  # one key, one body
    left = {"KB-1"} if way is add_a_product else set()
    assert set(CartLine.objects.values_list("sku", flat=True)) == left


@pytest.mark.parametrize("way", [press_again, open_review, lose_the_session])
def test_nothing_else_is_bought_until_it_is_answered(
    shopper: Shopper, order_service: Stub, way: Callable[[Shopper, Page], Page]
) -> None:
    review = shopper.review()
    order_service.fault = "broken"
    shopper.pay(review)
    shopper.add("KB-1")
    page = way(shopper, review)
    assert page.status == 503
    assert CHECKING in page
    assert "Checking again won’t place it twice" in page
    assert CART_SAYS in shopper.open("/cart/")
    order_service.fault = ""
    assert shopper.submit(page, "/checkout/place/").path == FIRST
    assert CART_SAYS not in shopper.open("/cart/")
    assert len({str(each) for each in placements(order_service)}) == 1


def test_lost_answer_is_asked_again_with_the_same_key(
    shopper: Shopper, order_service: Stub, orders: Orders
) -> None:
    review = shopper.review()
    order_service.fault = "slow"
    page = shopper.pay(review)
    assert page.status == 503
    assert CHECKING in page
    assert "€24.90" in page
    order_service.fault = ""
    page = shopper.submit(page, "/checkout/place/")
    assert page.path == FIRST
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
    reachable = settings.ORDER_SERVICE_URL
    fail(order_service, "refused", settings)
    page = shopper.pay(review)
    assert page.status == 503
    assert "Nothing was ordered and nothing was charged." in page
    assert "Try again" in page
    settings.ORDER_SERVICE_URL = reachable
    fail(order_service, "", settings)
    shopper.send("/cart/change/", sku="TK-1", quantity=2)
    page = shopper.open("/checkout/review/")
    assert "Pay €44.90" in page  # so the cart is free
    assert placements(order_service) == []


def test_what_may_have_arrived_is_never_called_unsent(
    shopper: Shopper, order_service: Stub, settings: Settings
) -> None:
    review = shopper.review()
    order_service.fault = "broken"
    shopper.pay(review)
    fail(order_service, "refused", settings)
    for page in (shopper.pay(review), shopper.open("/checkout/review/")):
        assert CHECKING in page
        assert "Nothing was ordered" not in page


@pytest.mark.django_db(transaction=True)
def test_a_twin_that_never_left_does_not_free_the_cart(order_service: Stub, orders: Orders) -> None:
    shopper = Shopper(Client())
    review = shopper.review()

    def twin_gives_up(request: Request) -> Reply:
        if request.path != "/v1/orders":
            return orders.answer(request)
        Checkout.objects.update(sent_at=None)
        connection.close()
        return problem(503, "unavailable")

    order_service.answer = twin_gives_up
    assert CHECKING in shopper.pay(review)
    order_service.answer = orders.answer
    assert shopper.open("/checkout/review/").path == FIRST


def test_order_in_flight_is_still_checked(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review()
    orders.refuse = problem(409, "in_flight")
    assert CHECKING in shopper.pay(review)
    assert shopper.open("/checkout/review/").path == FIRST


def test_worker_that_died_before_the_call_has_its_order_sent(
    shopper: Shopper, order_service: Stub
) -> None:
    shopper.review()
    Checkout.objects.update(sent_at=timezone.now())  # and nothing was called
    assert shopper.open("/checkout/review/").path == FIRST
    assert len(placements(order_service)) == 1


@pytest.mark.parametrize("refusal", ["price_changed", "something_new"])
def test_request_that_was_refused_and_arrives_late_stays_the_only_order(
    shopper: Shopper, order_service: Stub, orders: Orders, refusal: str
) -> None:
    review = shopper.review()
    status = 409 if refusal == "price_changed" else 422
    orders.refuse = problem(status, refusal)
    page = shopper.pay(review)
    stuck = next(one for one in order_service.requests if one.path == "/v1/orders")
    orders.answer(stuck)  # it had been on its way all the time
    shopper.send("/cart/change/", sku="TK-1", quantity=2)
    page = shopper.pay(shopper.open("/checkout/review/"))
    assert page.path == FIRST
    assert SENT_BEFORE in page
    assert len(orders.by_number) == 1
    assert dict(CartLine.objects.values_list("sku", "quantity")) == {"TK-1": 1}
    review = shopper.send("/checkout/payment/", payment_token="tok_approve")
    assert shopper.pay(review).path == SECOND  # the rest of the cart, on purpose


def test_refused_order_is_not_asked_for_again(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review()
    orders.refuse = problem(422, "something_new")
    shopper.pay(review)
    assert "Pay €24.90" in shopper.open("/checkout/review/")
    assert orders.by_number == {}


def test_key_that_the_order_desk_has_forgotten_is_not_used_again(
    shopper: Shopper, order_service: Stub, orders: Orders
) -> None:
    review = shopper.review()
    lose_answers(order_service, orders)
    shopper.pay(review)
    heal(order_service)
    orders.keys.clear()
    Checkout.objects.update(sent_at=timezone.now() - timedelta(days=6, seconds=1))
    for page in (shopper.pay(review), shopper.open("/checkout/review/")):
        assert page.path == "/checkout/review/"
    assert list(orders.by_number) == ["TC-00000001"]
    assert len({key for key, _ in placements(order_service)}) == 1
    assert shopper.pay(page).path == SECOND  # on purpose
    assert len({key for key, _ in placements(order_service)}) == 2


@pytest.mark.parametrize("days", [7, 60])
def test_shopper_is_told_that_an_answer_never_came(shopper: Shopper, days: int) -> None:
    review = shopper.review()
    then = timezone.now() - timedelta(days=days)
    Checkout.objects.update(sent_at=then, created_at=then)
    RETENTION.sweep()
    page = shopper.pay(review)
    assert "We couldn’t find out whether your last order went through." in page
    assert "We couldn’t find out" not in shopper.open("/checkout/review/")


def test_page_that_asks_about_a_deleted_attempt_never_says_that_nothing_was_ordered(
    shopper: Shopper, order_service: Stub, orders: Orders
) -> None:
    review = shopper.review()
    lose_answers(order_service, orders)
    checking = shopper.pay(review)
    heal(order_service)
    Checkout.objects.update(created_at=timezone.now() - timedelta(days=91))
    RETENTION.sweep()
    page = shopper.submit(checking, "/checkout/place/")
    assert page.path == "/checkout/review/"
    assert "We couldn’t find out whether your last order went through." in page
    assert "nothing was ordered" not in page
    assert len(orders.by_number) == 1


def test_unanswered_order_of_another_shopper_is_nobody_elses(
    shopper: Shopper, order_service: Stub
) -> None:
    review = shopper.review()
    order_service.fault = "broken"
    shopper.pay(review)
    order_service.fault = ""
    stranger = Shopper(Client())
    assert "Pay €24.90" in stranger.review()
