"""Quotes over HTTP: what product_service says, with our shipping and tax."""

from __future__ import annotations

from typing import Any

import pytest

from order_service.clients import quotes
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.processes import wait_for
from order_service.tests.product_stub import IMAGE, Product, State, problem

pytestmark = pytest.mark.django_db

LINES = [{"sku": "KETTLE-1", "quantity": 2}]


def quote(shopper: Shopper, **changes: Any) -> Any:
    wish = {"lines": LINES, "country": "DE", "shipping_method": "standard", **changes}
    return shopper.post("/v1/quotes", wish)


def test_a_cart_is_priced(ada: Shopper, shop: State) -> None:
    response = quote(ada)

    assert response.status_code == 200
    assert response.json() == {
        "currency": "EUR",
        "lines": [
            {
                "sku": "KETTLE-1",
                "variant_id": None,
                "quantity": 2,
                "status": "ok",
                "available": 99,
                "name": "Kettle",
                "options": {"colour": "Steel"},
                "product_slug": "kettle",
                "image": IMAGE,
                "unit_price": {"amount": "19.90", "currency": "EUR"},
                "tax_class": "standard",
                "line_total": {"amount": "39.80", "currency": "EUR"},
                "tax_rate": "0.19",
            }
        ],
        "subtotal": {"amount": "39.80", "currency": "EUR"},
        "shipping_methods": [
            {
                "code": "standard",
                "name": "Standard",
                "price": {"amount": "4.90", "currency": "EUR"},
                "estimate": "2 to 4 working days",
            },
            {
                "code": "express",
                "name": "Express",
                "price": {"amount": "9.90", "currency": "EUR"},
                "estimate": "next working day",
            },
        ],
        "shipping_method": "standard",
        "shipping": {"amount": "4.90", "currency": "EUR"},
        "tax": {"amount": "7.13", "currency": "EUR"},
        "total": {"amount": "44.70", "currency": "EUR"},
        "prices_include_tax": True,
    }  # fmt: skip


def test_the_quoted_total_is_the_total_that_places(ada: Shopper, shop: State) -> None:
    shop.products["MUG-2"] = Product(price="10.05", status="sold_out", available=0)
    lines = [*LINES, {"sku": "MUG-2", "quantity": 3}]

    for method in ("standard", "express"):
        total = quote(ada, lines=lines, shipping_method=method).json()["total"]
        placed = ada.place(lines=lines, shipping_method=method, expected_total=total)
        assert placed.status_code == 202


def test_without_a_method_there_is_no_shipping_yet(ada: Shopper, shop: State) -> None:
    body = quote(ada, shipping_method=None).json()

    assert (body["shipping_method"], body["shipping"]) == (None, None)
    assert body["total"] == {"amount": "39.80", "currency": "EUR"}
    assert [method["price"]["amount"] for method in body["shipping_methods"]] == ["4.90", "9.90"]


def test_standard_shipping_is_free_from_fifty(ada: Shopper, shop: State) -> None:
    shop.products["KETTLE-1"].price = "25.00"

    body = quote(ada).json()

    assert body["shipping"] == {"amount": "0.00", "currency": "EUR"}
    assert [method["price"]["amount"] for method in body["shipping_methods"]] == ["0.00", "9.90"]


def test_a_vanished_product_is_shown_and_not_counted(ada: Shopper, shop: State) -> None:
    lines = [{"sku": "GONE-1", "quantity": 1}, *LINES]

    body = quote(ada, lines=lines).json()

    gone = body["lines"][0]
    assert (gone["status"], gone["unit_price"], gone["line_total"]) == ("unavailable", None, None)
    assert body["subtotal"] == {"amount": "39.80", "currency": "EUR"}


def test_without_product_service_there_is_no_quote(ada: Shopper, shop_is_away: None) -> None:
    response = quote(ada)

    assert problem_of(response) == (503, "products_unavailable")
    assert int(response["Retry-After"]) > 0


@pytest.fixture
def kept_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(quotes, "KEPT_SECONDS", 60.0)


def told(answer: Any) -> tuple[int, str]:
    """The status, and the price of the first line."""
    return answer.status_code, answer.json()["lines"][0]["unit_price"]["amount"]


@pytest.mark.usefixtures("kept_long")
def test_the_same_lines_are_asked_for_once_a_second(
    ada: Shopper, bob: Shopper, shop: State
) -> None:
    first = quote(ada).json()
    assert quote(ada).json() == first
    assert quote(bob, country="AT", shipping_method="express").json()["lines"] == first["lines"]
    assert len(shop.calls) == 1
    quote(ada, lines=[{"sku": "KETTLE-1", "quantity": 3}])
    assert len(shop.calls) == 2  # it may be more than is left


def test_a_price_change_is_seen_within_a_second(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotes.KEPT_SECONDS <= 1
    monkeypatch.setattr(quotes, "KEPT_SECONDS", 0.05)
    assert told(quote(ada)) == (200, "19.90")
    shop.products["KETTLE-1"].price = "25.00"
    wait_for(lambda: told(quote(ada)) == (200, "25.00"))


@pytest.mark.usefixtures("kept_long")
def test_who_wants_no_kept_price_is_told_the_new_one_and_so_is_everybody_after(
    ada: Shopper, bob: Shopper, shop: State
) -> None:
    quote(ada)
    shop.products["KETTLE-1"].price = "25.00"
    assert told(quote(ada)) == (200, "19.90")
    wish = {"lines": LINES, "country": "DE", "shipping_method": "standard"}
    anew = ada.post("/v1/quotes", wish, Cache_Control="no-cache")
    assert told(anew) == told(quote(bob)) == (200, "25.00")


@pytest.mark.usefixtures("kept_long")
def test_an_order_is_never_placed_at_a_kept_price(ada: Shopper, shop: State) -> None:
    lines = [{"sku": "KETTLE-1", "quantity": 1}]
    quote(ada, lines=lines)
    shop.products["KETTLE-1"].price = "25.00"
    assert problem_of(ada.place(lines=lines)) == (409, "price_changed")


def test_a_failure_is_not_kept_and_memory_is_bounded(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "KEPT_LINES", 5)
    shop.answers["/v1/quotes"] = (503, problem(503, "unavailable"))
    assert problem_of(quote(ada)) == (503, "products_unavailable")
    shop.answers.clear()
    for quantity in range(1, 9):
        quote(ada, lines=[{"sku": sku, "quantity": quantity} for sku in ("KETTLE-1", "KETTLE-2")])
    assert 0 < sum(map(len, quotes._kept)) <= 5
    monkeypatch.setattr(quotes, "KEPT_SECONDS", 0.0)
    quotes.forget_quotes()
    quote(ada)
    quote(ada, lines=[{"sku": "KETTLE-1", "quantity": 9}])
    assert len(quotes._kept) == 1  # what has had its time leaves
