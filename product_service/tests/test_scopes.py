"""Which issuer gets in where, with which scopes; the storefront's key moves no stock."""

from __future__ import annotations

import pytest

from product_service.inventory.models import Reservation
from tests.scopes import CLAIMS, PUBLIC, Claims, Route, expected, outcome, routes

pytestmark = pytest.mark.django_db

ALLOWED = {"order_service": {"reservations", "staff"}}
NEEDED: dict[Route, str] = {
    ("GET", "v1/products"): PUBLIC,
    ("GET", "v1/products/<slug:slug>"): PUBLIC,
    ("GET", "v1/previews/<str:token>"): PUBLIC,  # signed, and over after a day
    ("GET", "v1/categories"): PUBLIC,
    ("GET", "v1/categories/<slug:slug>"): PUBLIC,
    ("GET", "v1/catalogue/version"): PUBLIC,
    ("POST", "v1/quotes"): PUBLIC,
    ("GET", "v1/reservations/<uuid:order_id>"): "reservations",
    ("PUT", "v1/reservations/<uuid:order_id>"): "reservations",
    ("DELETE", "v1/reservations/<uuid:order_id>"): "reservations",
    ("POST", "v1/reservations/<uuid:order_id>/commit"): "reservations",
    ("POST", "v1/reservations/batch/hold"): "reservations",
    ("POST", "v1/reservations/batch/commit"): "reservations",
    ("POST", "v1/reservations/batch/release"): "reservations",
    ("POST", "v1/staff/sessions"): "staff",
    ("GET", "v1/staff/sessions/<uuid:handle>"): "staff",
    ("DELETE", "v1/staff/sessions/<uuid:handle>"): "staff",
    ("GET", "v1/schema"): PUBLIC,
    ("GET", "v1/docs"): PUBLIC,
    ("GET", "errors/"): PUBLIC,
    ("GET", "errors/<slug:code>"): PUBLIC,
    ("GET", "media/<str:name>"): PUBLIC,
}


def test_each_route_has_a_rule() -> None:
    assert routes() == NEEDED.keys()


@pytest.mark.parametrize("claims", CLAIMS, ids=" ".join)
def test_a_token_opens_what_its_issuer_may_do(claims: Claims) -> None:
    found = {route: outcome(route, claims) for route in NEEDED}

    assert found == {route: expected(NEEDED[route], claims, ALLOWED) for route in NEEDED}
    assert Reservation.objects.exists() is (claims == ("order_service", "reservations"))
