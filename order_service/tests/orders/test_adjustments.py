"""Adjustments are rows of an order, and the database refuses those that do not add up."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from chassis.tests.back_office import page_of, signed_in
from order_service.orders.adjustments import OrderAdjustment
from order_service.orders.models import Order, OrderLine
from order_service.pricing.models import TaxRate
from order_service.pricing.price_list import price_list
from order_service.tests.clients import Shopper
from order_service.tests.factories import make_order
from order_service.tests.product_stub import State

pytestmark = pytest.mark.django_db

FILL = import_module("order_service.orders.migrations.0017_fill_order_adjustments")
COLUMNS = ("position", "line", "kind", "label", "amount", "tax_rate", "tax", "source")
SHIPPING = (0, None, "shipping", "Standard", Decimal("4.90"), Decimal("0.19"), Decimal("0.78"))


@pytest.fixture
def owner() -> Client:
    return signed_in("olga")


def add(order: Order, kind: str, amount: str, tax: str = "0.00", **changes: Any) -> None:
    position = order.adjustments.count()
    values = {"position": position, "label": "Label", "tax_rate": "0.19", "source": "CODE"}
    OrderAdjustment.objects.create(
        order=order, kind=kind, amount=Decimal(amount), tax=Decimal(tax), **{**values, **changes}
    )


def commit() -> None:
    """What the end of the transaction would check."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_placed_order_keeps_its_shipping_as_a_row(ada: Shopper, shop: State) -> None:
    TaxRate.objects.create(tax_class="standard", country="DE", rate="0.07")
    price_list.forget()
    assert ada.place().status_code == 202
    commit()

    order = Order.objects.get()
    assert list(order.adjustments.values_list(*COLUMNS)) == [
        (*SHIPPING[:5], Decimal("0.07"), Decimal("0.32"), "standard")
    ]
    assert (order.subtotal, order.discount, order.shipping, order.fees, order.tax, order.total) == (
        *(Decimal("19.90"), Decimal(0), Decimal("4.90"), Decimal(0)),
        *(Decimal("1.62"), Decimal("24.80")),
    )


def test_shipping_that_is_free_is_a_row_too(ada: Shopper, shop: State) -> None:
    shop.products["KETTLE-1"].price = "60.00"
    assert ada.place(expected_total={"amount": "60.00", "currency": "EUR"}).status_code == 202
    commit()
    assert OrderAdjustment.objects.get().amount == Decimal("0.00")


def test_every_kind_of_adjustment_adds_up() -> None:
    order = make_order(
        discount=Decimal("1.00"), fees=Decimal("2.00"), tax=Decimal("4.12"), total=Decimal("25.80")
    )
    with transaction.atomic():
        add(order, "shipping", "4.90", "0.78")
        add(order, "order_discount", "-1.00", "-0.16")
        add(order, "fee", "1.50", "0.24")
        add(order, "fee", "0.50", "0.08")
        commit()


@pytest.mark.parametrize(
    ("kind", "amount", "tax"),
    [
        ("shipping", "4.91", "0.78"),
        ("shipping", "4.90", "0.77"),
        ("fee", "4.90", "0.78"),
        ("order_discount", "-4.90", "0.00"),
    ],
)
def test_rows_that_do_not_add_up_are_refused(kind: str, amount: str, tax: str) -> None:
    order = make_order()
    add(order, kind, amount, tax)
    with pytest.raises(IntegrityError, match="do not add up to its columns"):
        commit()


def test_a_line_discount_must_be_the_discount_of_its_line() -> None:
    order = make_order()
    OrderLine.objects.update(discount=Decimal("2.00"), unit_price=Decimal("21.90"))
    add(order, "shipping", "4.90", "0.78")
    add(order, "line_discount", "-2.00", line=0)
    commit()

    add(order, "line_discount", "-1.00", line=0)
    with pytest.raises(IntegrityError, match="do not add up to its columns"):
        commit()


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("only_discounts_take_off", {"kind": "shipping", "amount": "-1"}),
        ("only_discounts_take_off", {"kind": "order_discount", "amount": "1"}),
        ("line_iff_line_discount", {"kind": "line_discount", "amount": "-1"}),
        ("line_iff_line_discount", {"kind": "fee", "amount": "1", "line": 0}),
        ("kind_known", {"kind": "tip", "amount": "1"}),
    ],
)
def test_a_row_that_cannot_be_is_refused(rule: str, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=f"order_adjustment_{rule}"):
        add(make_order(), **values)


@pytest.mark.parametrize(
    "parts",
    [
        {"discount": "1.00"},  # taken off nowhere
        {"fees": "1.00"},
        {"total": "24.81"},
        {"discount": "-1.00", "total": "25.80"},
    ],
)
def test_an_order_whose_columns_do_not_add_up_is_refused(parts: dict[str, str]) -> None:
    order = make_order()
    with pytest.raises(IntegrityError, match="order_parts_add_up"):
        Order.objects.filter(pk=order.pk).update(**parts)


def test_rows_are_never_changed() -> None:
    order = make_order()
    add(order, "shipping", "4.90", "0.78")
    for change in (order.adjustments.all().delete, lambda: order.adjustments.update(label="x")):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_orders_of_a_release_before_get_their_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FILL, "BATCH", 2)
    orders = [make_order() for _ in range(5)]
    strange = make_order()
    OrderLine.objects.filter(order=strange).update(tax=Decimal("9.00"))

    for _ in range(2):  # it bears to be run again
        FILL.fill(None, connection.schema_editor())
        commit()

    assert OrderAdjustment.objects.count() == len(orders)
    for order in orders:
        assert list(order.adjustments.values_list(*COLUMNS)) == [(*SHIPPING, "standard")]


def test_the_back_office_shows_the_rows(owner: Client) -> None:
    order = make_order()
    before = owner.get(page_of(order)).content.decode()
    assert ">Discount<" not in before  # in the money of an order that has none
    add(order, "shipping", "4.90", "0.78")

    page = owner.get(page_of(order)).content.decode()

    assert "Shipping, discounts and fees" in page
    assert "0.78" in page
    reduced = make_order(discount=Decimal("1.00"), fees=Decimal("2.00"), total=Decimal("25.80"))
    page = owner.get(page_of(reduced)).content.decode()
    assert "<th>Discount</th><td>-1.00 EUR</td>" in page
    assert "<th>Fees</th><td>2.00 EUR</td>" in page
