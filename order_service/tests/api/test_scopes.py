"""Which issuer gets in where, with which scopes and in whose name."""

from __future__ import annotations

import pytest

from order_service.orders.models import Order
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.product_stub import State
from tests.scopes import CLAIMS, PUBLIC, Claims, Route, expected, outcome, routes

pytestmark = pytest.mark.django_db

ALLOWED = {"storefront": {"orders"}}
NEEDED: dict[Route, str] = {
    ("POST", "v1/quotes"): "orders",
    ("GET", "v1/orders"): "orders",
    ("POST", "v1/orders"): "orders",
    ("POST", "v1/orders/lookup"): "orders",
    ("GET", "v1/orders/<str:number>"): "orders",
    ("POST", "v1/orders/<str:number>/cancel"): "orders",
    ("GET", "v1/shipping-methods"): "orders",
    ("GET", "v1/payment-methods"): "orders",
    ("GET", "v1/countries"): "orders",
    ("GET", "v1/schema"): PUBLIC,
    ("GET", "v1/docs"): PUBLIC,
    ("GET", "errors/"): PUBLIC,
    ("GET", "errors/<slug:code>"): PUBLIC,
}


def test_each_route_has_a_rule() -> None:
    assert routes() == NEEDED.keys()


@pytest.mark.parametrize("claims", CLAIMS, ids=" ".join)
def test_a_token_opens_what_its_issuer_may_do(shop: State, claims: Claims) -> None:
    found = {route: outcome(route, claims) for route in NEEDED}

    assert found == {route: expected(NEEDED[route], claims, ALLOWED) for route in NEEDED}


@pytest.mark.parametrize(
    "subject",
    [
        *("ada", "guest", "guest:", ":", "guest:" + "x" * 101, "guest:a b", "guest:\0"),
        *("guest:\N{ZERO WIDTH SPACE}", "GUEST:ada", " guest:ada", "root:1"),
        *("staff:1", "service:order_service", "service:", "service:storefront2"),
    ],
)
def test_the_storefront_acts_for_shoppers_and_for_itself_alone(shop: State, subject: str) -> None:
    assert problem_of(Shopper(subject).place()) == (401, "invalid_token")
    assert not Order.objects.exists()


@pytest.mark.parametrize("subject", ["guest:ada", "user:4711", "service:storefront"])
def test_the_storefront_acts_for(shop: State, subject: str) -> None:
    assert Shopper(subject).place().status_code == 202


def test_a_missing_scope_is_named() -> None:
    response = Shopper(scope="").get("/v1/countries")

    assert response["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="orders"'
