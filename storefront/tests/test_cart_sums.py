"""What the cart says that it costs: lines, delivery, tax, and what free delivery still needs."""

from __future__ import annotations

import re

import pytest

from storefront.tests.shopper import Page, Shopper
from storefront.tests.stubs import orders as stub
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.products import money
from storefront.tests.stubs.server import Stub


def sums(page: Page) -> dict[str, str]:
    """The rows of the cart's summary: what they are called, and the amount."""
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.html)
    return {re.sub(r"<.*", "", name).strip(): amount for name, amount in rows}


def test_cart_shows_its_total_with_the_usual_delivery_and_the_tax_in_it(shopper: Shopper) -> None:
    expected = {
        "Subtotal": "€20.00",
        "Delivery: Standard": "€4.90",
        "Total": "€24.90",
        "Tax included": "€3.98",
    }
    assert sums(shopper.add("TK-1")) == expected
    assert sums(shopper.open("/checkout/contact/")) == expected


@pytest.mark.parametrize(
    ("free_from", "sentences"),
    [
        ("50.00", ["Spend €30.00 more for free delivery."]),
        ("32.10", ["Spend €12.10 more for free delivery."]),
        ("20.00", []),
        (None, []),
    ],
)
def test_cart_says_what_free_delivery_still_needs_as_order_service_has_it(
    shopper: Shopper,
    orders: Orders,
    monkeypatch: pytest.MonkeyPatch,
    free_from: str | None,
    sentences: list[str],
) -> None:
    standard, express = stub.OFFERS["shipping-methods"]
    limit = money(free_from) if free_from else None
    offers = [{**standard, "free_from": limit}, express]
    monkeypatch.setitem(stub.OFFERS, "shipping-methods", offers)
    assert re.findall(r"Spend [^<]*", shopper.add("TK-1").html) == sentences


def test_cart_that_knows_no_usual_delivery_shows_every_one(
    shopper: Shopper, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stub.OFFERS, "shipping-methods", [])
    assert sums(shopper.add("TK-1")) == {
        "Subtotal": "€20.00",
        "Delivery: Standard": "€4.90",
        "Delivery: Express": "€9.90",
    }


@pytest.mark.parametrize("fault", ["dead", "broken"])
def test_cart_without_the_order_service_shows_the_sum_of_the_last_known_prices(
    shopper: Shopper, order_service: Stub, fault: str
) -> None:
    shopper.add("TK-1", 2)
    shopper.add("KB-1")
    order_service.fault = fault
    page = shopper.open("/cart/")
    assert sums(page) == {"Subtotal": "€89.90"}
    assert "These are the last prices we know" in page
