"""A connection that is lost at any statement: the answer says so, and no cart and no order is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storefront.tests.routes import PATHS
from storefront.tests.shopper import ADDRESS, EMAIL, Shopper
from storefront.tests.stubs.orders import Orders
from tests.effort import tries
from tests.losing import each_loss

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = 503
STEPS: dict[str, dict[str, str]] = {
    "/checkout/contact/": {"email": EMAIL},
    "/checkout/delivery/": ADDRESS,
    "/checkout/payment/": {"payment_token": "tok_approve"},
}
PAGES = {"/cart/": 200, "/checkout/": "/checkout/review/", "/checkout/review/": 200}
CHANGES = ("cart_remove", "cart_add", "cart_undo", "cart_change", "cart_accept")


def ready_to_pay(shopper: Shopper) -> Shopper:
    """With a session, a cart and every step done."""
    shopper.review()
    return shopper


def told(shopper: Shopper, method: str, path: str, fields: dict[str, str]) -> list[object]:
    """What a shopper is told who tries until it works: AWAY, any other status, or an address."""
    shopper.client.raise_request_exception = False
    found: list[object] = []
    for _, answer in each_loss(lambda: getattr(shopper.client, method)(path, fields)):
        found.append(answer.get("Location", answer.status_code))
        if answer.status_code == AWAY:
            assert answer["Retry-After"] == "5"
            assert "Try again</a>" in answer.content.decode()
            assert "Your cart is empty" not in answer.content.decode()
    return found


def new_here(shopper: Shopper) -> Shopper:
    """With a cart; the first step will make the session."""
    shopper.add("TK-1")
    return shopper


BEGUN = [
    ("/checkout/contact/", new_here, "/checkout/delivery/"),
    *((path, ready_to_pay, "/checkout/review/") for path in reversed(STEPS)),
]


@pytest.mark.parametrize(("path", "begin", "leads_to"), BEGUN[: tries(2, 4)])
def test_step_of_the_checkout(
    shopper: Shopper, path: str, begin: Callable[[Shopper], Shopper], leads_to: str
) -> None:
    *lost, last = told(begin(shopper), "post", path, STEPS[path])
    assert (set(lost), last) == ({AWAY}, leads_to)
    assert "Takt Keys" in shopper.open("/cart/")


@pytest.mark.parametrize("path", [*PAGES, *STEPS][: tries(3, 6)])
def test_page_with_a_session(shopper: Shopper, path: str) -> None:
    *lost, last = told(ready_to_pay(shopper), "get", path, {})
    assert (set(lost), last) == ({AWAY}, PAGES.get(path, 200))


@pytest.mark.parametrize("route", CHANGES[: tries(3, 5)])
def test_change_of_the_cart(shopper: Shopper, route: str) -> None:
    ready_to_pay(shopper).send("/cart/change/", sku="TK-1", quantity=2)
    fields = {"sku": "TK-1", "quantity": "3", "slug": "takt-keys"}
    *lost, last = told(shopper, "post", PATHS[route], fields)
    assert (set(lost), last) == ({AWAY}, "/cart/")
    assert ("Takt Keys" in shopper.open("/cart/")) == (route != "cart_remove")


def test_payment(shopper: Shopper, orders: Orders) -> None:
    fields = ready_to_pay(shopper).open("/checkout/review/").form("/checkout/place/").fields
    *lost, last = told(shopper, "post", "/checkout/place/", fields)
    assert (set(lost), last) == ({AWAY}, "/orders/TC-00000001/")
    assert list(orders.by_number) == ["TC-00000001"]
