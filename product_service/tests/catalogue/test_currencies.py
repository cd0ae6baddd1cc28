"""A catalogue in a currency without decimals, and prices left from another currency's days."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from chassis.tests.back_office import errors_of
from product_service.catalogue.models import Price, Product
from product_service.tests.backoffice.product_form import form, save
from product_service.tests.factories import make_product

pytestmark = pytest.mark.django_db


def told(client: Client, product: Product) -> list[dict[str, str]]:
    """The price in the list, on the page and in a quote."""
    sku = product.variants.get().sku
    (card,) = client.get("/v1/products").json()["items"]
    page = client.get(f"/v1/products/{product.slug}").json()
    lines = {"lines": [{"sku": sku, "quantity": 2}]}
    quote = client.post("/v1/quotes", lines, content_type="application/json").json()
    return [card["price"], page["variants"][0]["price"], quote["lines"][0]["unit_price"]]


@pytest.mark.parametrize(
    ("currency", "stored", "amount"),
    [
        ("EUR", "19.90", "19.90"),
        ("SEK", "1299.00", "1299.00"),
        ("JPY", "1990.00", "1990"),
        ("VND", "30000.00", "30000"),
        ("KRW", "10.50", "11"),
        ("ISK", "10.49", "10"),
    ],
)
def test_every_answer_tells_the_price_in_the_decimals_of_the_currency(
    client: Client, settings: Settings, currency: str, stored: str, amount: str
) -> None:
    settings.STORE_CURRENCY = currency
    product = make_product(price=stored)
    assert told(client, product) == [{"amount": amount, "currency": currency}] * 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10.50", ["JPY has no decimals: write 10 or 11."]),
        ("0.5", ["JPY has no decimals: write 0 or 1."]),
        ("1990", []),
        ("1990.00", []),
    ],
)
def test_the_back_office_refuses_decimals_that_the_currency_lacks(
    admin_client: Client, settings: Settings, typed: str, said: list[str]
) -> None:
    settings.STORE_CURRENCY = "JPY"
    product = make_product(price="980.00")
    changed: dict[str, Any] = {"variants-0-amount": typed}
    response = save(admin_client, product, form(product, **changed))
    assert errors_of(response) == said if said else response.status_code == 302
    assert Price.objects.get().amount == Decimal("980.00" if said else "1990")


def test_the_back_office_shows_amounts_as_the_currency_writes_them(
    admin_client: Client, settings: Settings
) -> None:
    settings.STORE_CURRENCY = "JPY"
    product = make_product(price="1990.00")
    page = reverse("admin:catalogue_product_change", args=[product.pk])
    assert 'name="variants-0-amount" value="1990"' in admin_client.get(page).content.decode()
    products = reverse("admin:catalogue_product_changelist")
    assert "1990 JPY" in admin_client.get(products).content.decode()
    Price.objects.update(amount=Decimal("10.50"))
    assert 'name="variants-0-amount" value="10.50"' in admin_client.get(page).content.decode()


def test_the_demo_shop_has_prices_of_the_currency(settings: Settings) -> None:
    settings.STORE_CURRENCY = "VND"
    call_command("seed_demo", verbosity=0)
    amounts = [
        amount for pair in Price.objects.values_list("amount", "prior_amount") for amount in pair
    ]
    assert [amount for amount in amounts if amount and amount % 1] == []
