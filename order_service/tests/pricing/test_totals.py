"""Prices add up to the cent, in hand-made examples and in thousands of random carts."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from chassis.money import Money
from order_service.pricing.shipping import SHIPPING_METHODS
from order_service.pricing.tax import tax_included
from order_service.pricing.totals import PricedLine, Totals, add_up, price_line
from tests.effort import tries

RATE = Decimal("0.19")
STANDARD, EXPRESS = SHIPPING_METHODS["standard"], SHIPPING_METHODS["express"]


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def totals_of(lines: list[PricedLine], method: str | None, rate: Decimal = RATE) -> Totals:
    chosen = SHIPPING_METHODS[method] if method else None
    return add_up(lines, shipping_method=chosen, tax_rate=rate, currency="EUR")


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        ("119.00", "0.19", "19.00"),
        ("19.90", "0.19", "3.18"),  # net 16.7226...
        ("0.01", "0.19", "0.00"),  # net 0.0084 rounds up to a cent
        ("0.03", "0.19", "0.00"),
        ("0.04", "0.19", "0.01"),
        ("10.50", "0.05", "0.50"),
        ("1.05", "1.10", "0.55"),
        ("7.35", "0.00", "0.00"),
    ],
)
def test_tax_is_what_remains_beside_the_rounded_net_amount(gross: str, rate: str, tax: str) -> None:
    assert tax_included(eur(gross), Decimal(rate)) == eur(tax)


def test_net_amount_rounds_half_up() -> None:
    # 0.15 / 1.2 = 0.125: banker's rounding would say 0.12 and a tax of 0.03
    assert tax_included(eur("0.15"), Decimal("0.20")) == eur("0.02")


@pytest.mark.parametrize(
    ("subtotal", "standard", "express"),
    [("49.99", "4.90", "9.90"), ("50.00", "0.00", "9.90"), ("0.01", "4.90", "9.90")],
)
def test_standard_shipping_is_free_from_fifty(subtotal: str, standard: str, express: str) -> None:
    assert STANDARD.price_for(eur(subtotal)) == eur(standard)
    assert EXPRESS.price_for(eur(subtotal)) == eur(express)


def test_a_cart_of_two_lines() -> None:
    lines = [price_line(eur("19.90"), 2, RATE), price_line(eur("4.99"), 1, RATE)]

    assert [line.total for line in lines] == [eur("39.80"), eur("4.99")]
    assert [line.tax for line in lines] == [eur("6.35"), eur("0.80")]
    assert totals_of(lines, "standard") == Totals(
        subtotal=eur("44.79"),
        shipping=eur("4.90"),
        tax=eur("7.93"),  # 6.35 + 0.80 + 0.78
        total=eur("49.69"),
    )


def test_without_a_shipping_method_only_the_goods_count() -> None:
    totals = totals_of([price_line(eur("10.00"), 3, RATE)], None)

    assert totals == Totals(eur("30.00"), eur("0.00"), eur("4.79"), eur("30.00"))


def test_random_carts_add_up_to_the_cent() -> None:
    dice = random.Random(20261124)
    for _ in range(tries(2_000, 10_000)):
        rate = Decimal(dice.randrange(0, 2700)) / 10_000
        cart = [
            (dice.randrange(1, 500_000), dice.randrange(1, 100))
            for _ in range(dice.randrange(1, 51))
        ]
        lines = [price_line(Money.from_minor_units(cents, "EUR"), n, rate) for cents, n in cart]
        method = dice.choice(["standard", "express", None])
        totals = totals_of(lines, method, rate)

        goods = sum(cents * n for cents, n in cart)
        assert [line.total.minor_units() for line in lines] == [cents * n for cents, n in cart]
        assert totals.subtotal.minor_units() == goods
        assert totals.total.minor_units() == goods + totals.shipping.minor_units()
        _assert_taxes_lie_within_half_a_cent(lines, totals, rate)


def _assert_taxes_lie_within_half_a_cent(
    lines: list[PricedLine], totals: Totals, rate: Decimal
) -> None:
    half_a_cent = Decimal("0.005")
    for line in lines:
        exact = line.total.amount - line.total.amount / (1 + rate)
        assert abs(line.tax.amount - exact) <= half_a_cent
        assert line.tax.amount == line.tax.rounded().amount
    parts = sum(line.tax.minor_units() for line in lines)
    assert totals.tax.minor_units() == parts + tax_included(totals.shipping, rate).minor_units()
