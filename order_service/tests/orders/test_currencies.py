"""A sale in a currency of two or no decimals, from the quote to the bank and the mail."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from order_service.notifications.channels import ShopperMail
from order_service.orders.models import Order, OrderLine
from order_service.orders.states import State
from order_service.pricing.models import ShippingMethod
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import confirmation_of
from order_service.tests.orders.conftest import World
from order_service.tests.product_stub import Product

pytestmark = pytest.mark.django_db(transaction=True)

# (currency, price, shipping, tax, total, what the bank is told, as people read the total)
SALES = [
    ("EUR", "19.90", "4.90", "3.96", "24.80", 2480, "€24.80"),
    ("USD", "19.90", "4.90", "3.96", "24.80", 2480, "$24.80"),
    ("CHF", "1290.00", "0.00", "205.97", "1290.00", 129000, "CHF 1,290.00"),
    ("JPY", "30", "5", "6", "35", 35, "¥35"),
    ("JPY", "1990", "0", "318", "1990", 1990, "¥1,990"),
    ("KRW", "49900", "0", "7967", "49900", 49900, "KRW 49,900"),
    ("VND", "30000", "0", "4790", "30000", 30000, "VND 30,000"),
    ("ISK", "1990", "0", "318", "1990", 1990, "ISK 1,990"),
    ("UGX", "1990", "0", "318", "1990", 1990, "UGX 1,990"),
]


@pytest.mark.parametrize(
    ("currency", "price", "shipping", "tax", "total", "units", "written"), SALES
)
def test_a_sale_is_exact_in_the_decimals_of_its_currency(
    world: World,
    ada: Shopper,
    settings: Settings,
    currency: str,
    price: str,
    shipping: str,
    tax: str,
    total: str,
    units: int,
    written: str,
) -> None:
    settings.STORE_CURRENCY = world.shop.currency = currency
    world.shop.products["KETTLE-1"] = Product(price=price)
    lines = [{"sku": "KETTLE-1", "quantity": 1}]
    quote = ada.post("/v1/quotes", {"lines": lines, "shipping_method": "standard"}).json()
    told = {name: quote[name]["amount"] for name in ("subtotal", "shipping", "tax", "total")}
    assert told == {"subtotal": price, "shipping": shipping, "tax": tax, "total": total}

    placed = ada.place(expected_total=quote["total"]).json()
    assert placed["total"] == {"amount": total, "currency": currency}
    assert placed["lines"][0]["unit_price"] == {"amount": price, "currency": currency}
    order = world.finish(Order.objects.get(number=placed["number"]))

    assert order.state == State.CONFIRMED
    assert (order.total, order.tax) == (Decimal(total), Decimal(tax))
    assert world.money() == [("authorize", units), ("capture", units)]
    assert f"Total         {written}\n" in str(ShopperMail().message(confirmation_of(order)).body)


def test_an_amount_with_a_decimal_too_many_is_refused(
    world: World, ada: Shopper, settings: Settings
) -> None:
    settings.STORE_CURRENCY = world.shop.currency = "VND"
    answer = ada.place(expected_total={"amount": "30000.50", "currency": "VND"})
    assert problem_of(answer) == (400, "invalid")
    assert answer.json()["errors"][0]["detail"] == "The amount has more decimals than VND has."


def test_shipping_is_free_from_the_amount_that_shoppers_are_told(
    ada: Shopper, settings: Settings
) -> None:
    settings.STORE_CURRENCY = "JPY"
    items = ada.get("/v1/shipping-methods").json()["items"]
    assert [(each["price"]["amount"], each["free_from"]) for each in items] == [
        ("5", {"amount": "50", "currency": "JPY"}),
        ("10", None),
    ]
    method = ShippingMethod(price=Decimal("4.90"), free_from=Decimal("49.40"))
    told = method.free_in("JPY")
    assert told is not None
    assert str(told) == "49 JPY"
    assert str(method.price_for(told)) == "0 JPY"


def test_the_back_office_writes_amounts_as_their_currency_does(
    world: World, ada: Shopper, settings: Settings
) -> None:
    settings.STORE_CURRENCY = world.shop.currency = "JPY"
    world.shop.products["KETTLE-1"] = Product(price="1990")
    total = {"amount": "1990", "currency": "JPY"}
    order = Order.objects.get(number=ada.place(expected_total=total).json()["number"])
    world.finish(order)
    client = Client()
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))

    pages = [reverse("admin:orders_order_change", args=[order.pk])]
    pages.append(reverse("admin:orders_order_changelist"))
    for page in pages:
        html = client.get(page).content.decode()
        assert "1990 JPY" in html
        assert "1990.00" not in html


def test_an_order_keeps_the_currency_in_which_it_was_placed(
    world: World, ada: Shopper, settings: Settings
) -> None:
    number = ada.place().json()["number"]
    settings.STORE_CURRENCY = world.shop.currency = "JPY"
    order = world.finish(Order.objects.get(number=number))
    assert order.state == State.CONFIRMED
    assert ada.get(f"/v1/orders/{number}").json()["total"] == {"amount": "24.80", "currency": "EUR"}
    assert world.money() == [("authorize", 2480), ("capture", 2480)]
    assert OrderLine.objects.get(order=order).unit_price == Decimal("19.90")
