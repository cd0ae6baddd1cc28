"""Prices add up to the cent, in hand-made examples and in thousands of random carts."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

from chassis.money import Money
from order_service.pricing.adjustments import Adjustment, AdjustmentKind, tax_included
from order_service.pricing.models import ShippingMethod
from order_service.pricing.quotes import shipping_adjustment
from order_service.pricing.totals import PricedLine, Totals, add_up, price_line
from tests.effort import tries

RATE = Decimal("0.19")
STANDARD = ShippingMethod(code="standard", price=Decimal("4.90"), free_from=Decimal("50.00"))
EXPRESS = ShippingMethod(code="express", price=Decimal("9.90"))
LINE_DISCOUNT, ORDER_DISCOUNT, SHIPPING, FEE = AdjustmentKind


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def line(price: str, quantity: int, *discounts: Adjustment, rate: Decimal = RATE) -> PricedLine:
    return price_line(eur(price), quantity, tax_rate=rate, discounts=discounts)


def adjusted(kind: AdjustmentKind, amount: str, *, at: int | None = None) -> Adjustment:
    return Adjustment(kind, "Label", eur(amount), RATE, "SOURCE", line=at)


def totals_of(lines: list[PricedLine], *adjustments: Adjustment) -> Totals:
    return add_up(lines, adjustments, currency="EUR")


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
        ("-19.90", "0.19", "-3.18"),
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
    lines = [line("19.90", 2), line("4.99", 1)]

    assert [each.total for each in lines] == [eur("39.80"), eur("4.99")]
    assert [each.tax for each in lines] == [eur("6.35"), eur("0.80")]
    assert totals_of(lines, shipping_adjustment(STANDARD, eur("44.79"), RATE)) == Totals(
        subtotal=eur("44.79"),
        discount=eur("0.00"),
        shipping=eur("4.90"),
        fees=eur("0.00"),
        tax=eur("7.93"),  # 6.35 + 0.80 + 0.78
        total=eur("49.69"),
    )


def test_without_adjustments_only_the_goods_count() -> None:
    totals = totals_of([line("10.00", 3)])

    assert (totals.subtotal, totals.tax, totals.total) == (eur("30.00"), eur("4.79"), eur("30.00"))
    assert {totals.discount, totals.shipping, totals.fees} == {eur("0.00")}


def test_every_kind_of_adjustment_has_its_place_in_the_sum() -> None:
    off_line = adjusted(LINE_DISCOUNT, "-5.00", at=0)
    lines = [line("20.00", 2, off_line), line("10.00", 1)]
    more = (
        *(adjusted(ORDER_DISCOUNT, "-4.50"), adjusted(SHIPPING, "4.90")),
        *(adjusted(FEE, "2.00"), adjusted(FEE, "0.50")),
    )

    assert (lines[0].discount, lines[0].total, lines[0].tax) == (
        *(eur("5.00"), eur("35.00")),
        eur("5.59"),  # of what is left
    )
    assert totals_of(lines, off_line, *more) == Totals(
        subtotal=eur("45.00"),
        discount=eur("4.50"),
        shipping=eur("4.90"),
        fees=eur("2.50"),
        tax=eur("7.65"),  # 5.59 + 1.60 - 0.72 + 0.78 + 0.32 + 0.08
        total=eur("47.90"),
    )


def test_what_cannot_be_is_refused() -> None:
    off_line = adjusted(LINE_DISCOUNT, "-5.00", at=0)
    with pytest.raises(ValueError, match=r"discounts of 5\.00 EUR on a line of 4\.00 EUR"):
        line("4.00", 1, off_line)
    with pytest.raises(ValueError, match="not those of the adjustments"):
        totals_of([line("20.00", 1, off_line)])
    with pytest.raises(ValueError, match=r"a discount of 9\.00 EUR on goods of 8\.00 EUR"):
        totals_of([line("8.00", 1)], adjusted(ORDER_DISCOUNT, "-9.00"))
    for kind, amount in ((FEE, "-1.00"), (SHIPPING, "-1.00"), (ORDER_DISCOUNT, "1.00")):
        with pytest.raises(ValueError, match="only discounts are negative"):
            adjusted(kind, amount)
    for kind, at in ((LINE_DISCOUNT, None), (FEE, 0)):
        with pytest.raises(ValueError, match="a line discount has one"):
            adjusted(kind, "0.00", at=at)


def test_random_carts_of_one_rate_cost_what_they_did_before_there_were_adjustments() -> None:
    """Lines and shipping at one rate, reckoned in cents by the formula of the first releases."""
    dice = random.Random(20261124)
    for _ in range(tries(2_000, 10_000)):
        rate = Decimal(dice.randrange(0, 2700)) / 10_000
        cart = _cart(dice)
        method = dice.choice([STANDARD, EXPRESS, None])
        lines = [line(f"{cents / 100:.2f}", n, rate=rate) for cents, n in cart]

        goods = sum(cents * n for cents, n in cart)
        shipping = 0 if method is None or (method is STANDARD and goods >= 5000) else 490
        shipping = 990 if method is EXPRESS else shipping
        taxes = [_tax(cents * n, rate) for cents, n in cart] + [_tax(shipping, rate)]
        subtotal = Money.from_minor_units(goods, "EUR")
        added = [shipping_adjustment(method, subtotal, rate)] if method else []
        totals = totals_of(lines, *added)

        assert [each.tax.minor_units() for each in lines] == taxes[:-1]
        assert [each.total.minor_units() for each in lines] == [c * n for c, n in cart]
        assert (totals.subtotal, totals.shipping.minor_units()) == (subtotal, shipping)
        assert totals.tax.minor_units() == sum(taxes)
        assert totals.total.minor_units() == goods + shipping


def test_the_parts_of_random_carts_with_every_adjustment_add_up_to_the_cent() -> None:
    dice = random.Random(20261130)
    for _ in range(tries(1_000, 10_000)):
        lines, adjustments = [], []
        for place, (cents, n) in enumerate(_cart(dice)):
            off = [
                _random(dice, LINE_DISCOUNT, cents * n // 2, at=place)
                for _ in range(dice.choice((0, 0, 1, 2)))
            ]
            rate = Decimal(dice.randrange(0, 2700)) / 10_000
            lines.append(line(f"{cents / 100:.2f}", n, *off, rate=rate))
            adjustments += off
        goods = sum(each.total.minor_units() for each in lines)
        adjustments += [_random(dice, ORDER_DISCOUNT, goods) for _ in range(dice.randrange(2))]
        adjustments += [_random(dice, dice.choice((SHIPPING, FEE)), 2_000) for _ in range(3)]
        totals = totals_of(lines, *adjustments)

        parts: list[PricedLine | Adjustment] = [*lines]
        parts += (each for each in adjustments if each.kind != LINE_DISCOUNT)
        amounts = [_amount(part) for part in parts]
        assert totals.total.minor_units() == sum(each.minor_units() for each in amounts)
        assert totals.tax.minor_units() == sum(part.tax.minor_units() for part in parts)
        assert totals.total == totals.subtotal - totals.discount + totals.shipping + totals.fees
        for part, amount in zip(parts, amounts, strict=True):
            exact = amount.amount - amount.amount / (1 + part.tax_rate)
            assert abs(part.tax.amount - exact) <= Decimal("0.005")


def _amount(part: PricedLine | Adjustment) -> Money:
    return part.total if isinstance(part, PricedLine) else part.amount


def _cart(dice: random.Random) -> list[tuple[int, int]]:
    """Prices in cents, and quantities."""
    return [
        (dice.randrange(1, 500_000), dice.randrange(1, 100)) for _ in range(dice.randrange(1, 51))
    ]


def _random(
    dice: random.Random, kind: AdjustmentKind, most: int, *, at: int | None = None
) -> Adjustment:
    cents = dice.randrange(most + 1)
    is_off = kind in (LINE_DISCOUNT, ORDER_DISCOUNT)
    rate = Decimal(dice.randrange(0, 2700)) / 10_000
    amount = Money.from_minor_units(-cents if is_off else cents, "EUR")
    return Adjustment(kind, "Label", amount, rate, "SOURCE", line=at)


def _tax(cents: int, rate: Decimal) -> int:
    """Tax = total - half_up(total / (1 + rate)), in cents."""
    return cents - int((cents / (1 + rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
