"""What is added to the price of the goods of a cart, or taken off it, and the tax in both.

Prices are gross: tax is taken out of them, never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import models

from chassis.money import Money


def tax_included(gross: Money, rate: Decimal) -> Money:
    """The tax inside `gross` at `rate` (0.19 for 19 %); of a negative amount it is negative.

    The net amount is rounded half up and the tax is the rest, so net + tax is always the gross
    amount to the cent.
    """
    net = Money(gross.amount / (1 + rate), gross.currency).rounded()
    return gross - net


class AdjustmentKind(models.TextChoices):
    LINE_DISCOUNT = "line_discount"  # off one line, which then has less tax
    ORDER_DISCOUNT = "order_discount"  # off the whole order
    SHIPPING = "shipping"
    FEE = "fee"  # for gift wrap, cash on delivery, ...


DISCOUNTS = frozenset({AdjustmentKind.LINE_DISCOUNT, AdjustmentKind.ORDER_DISCOUNT})


@dataclass(frozen=True)
class Adjustment:
    """One amount beside the price of the goods: negative for a discount, else zero or more.

    It has one tax rate. What is taxed at several rates (a discount on goods of two classes) is
    several adjustments of the same kind and source. `line` is the place of the line, from 0, that a
    line discount is for.
    """

    kind: AdjustmentKind
    label: str  # as the shopper reads it
    amount: Money  # gross, rounded
    tax_rate: Decimal
    source: str  # the rule or code that it came from: a shipping method, a coupon
    line: int | None = None

    def __post_init__(self) -> None:
        zero = Money.zero(self.amount.currency)
        if not (zero >= self.amount if self.kind in DISCOUNTS else self.amount >= zero):
            raise ValueError(f"{self.kind} of {self.amount}: only discounts are negative")
        if (self.line is not None) != (self.kind == AdjustmentKind.LINE_DISCOUNT):
            raise ValueError(f"{self.kind} with line {self.line}: a line discount has one")

    @property
    def tax(self) -> Money:
        """Inside the amount; none for a line discount: the tax is taken from what is left."""
        if self.kind == AdjustmentKind.LINE_DISCOUNT:
            return Money.zero(self.amount.currency)
        return tax_included(self.amount, self.tax_rate)
