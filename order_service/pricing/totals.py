"""What a cart costs: each part is rounded once, and every total is a sum of rounded parts.

    line total   = unit price * quantity - line discounts
    subtotal     = sum of line totals
    total        = subtotal - discount + shipping + fees     (each the sum of its adjustments)
    tax          = sum of the taxes inside each line and each adjustment (part of the total)

So a shopper who adds up the printed lines gets the printed total, to the cent. The database holds
an order to the same sums, see `orders.models`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chassis.money import Money
from order_service.pricing.adjustments import Adjustment, AdjustmentKind, tax_included


@dataclass(frozen=True)
class PricedLine:
    """One line with its rounded total and the tax that the total includes."""

    quantity: int
    unit_price: Money
    tax_rate: Decimal
    discount: Money  # taken off the line, zero or more
    total: Money
    tax: Money


@dataclass(frozen=True)
class Totals:
    """The sums of a cart: `discount` is taken off (zero or more), `tax` is inside `total`."""

    subtotal: Money
    discount: Money
    shipping: Money
    fees: Money
    tax: Money
    total: Money


def price_line(
    unit_price: Money,
    quantity: int,
    *,
    tax_rate: Decimal,
    discounts: Iterable[Adjustment] = (),
) -> PricedLine:
    """The line with `discounts` taken off. Raises ValueError if they are more than its price."""
    zero = Money.zero(unit_price.currency)
    discount = zero - sum((each.amount for each in discounts), zero)
    total = (unit_price * quantity).rounded() - discount
    if total < zero:
        raise ValueError(f"discounts of {discount} on a line of {total + discount}")
    tax = tax_included(total, tax_rate)
    return PricedLine(quantity, unit_price, tax_rate, discount, total, tax)


def add_up(
    lines: Sequence[PricedLine], adjustments: Sequence[Adjustment], *, currency: str
) -> Totals:
    """The one function that adds up: `lines`, and everything that is added or taken off.

    Line discounts are in their lines already; they are given all the same, and must agree with
    them. Raises ValueError if they do not, or if discounts are more than there is.
    """
    zero = Money.zero(currency)

    def total_of(kind: AdjustmentKind) -> Money:
        return sum((each.amount for each in adjustments if each.kind == kind), zero)

    line_discounts = sum((line.discount for line in lines), zero)
    if total_of(AdjustmentKind.LINE_DISCOUNT) + line_discounts != zero:
        raise ValueError("the discounts of the lines are not those of the adjustments")
    subtotal = sum((line.total for line in lines), zero)
    discount = zero - total_of(AdjustmentKind.ORDER_DISCOUNT)
    if subtotal < discount:
        raise ValueError(f"a discount of {discount} on goods of {subtotal}")
    shipping, fees = total_of(AdjustmentKind.SHIPPING), total_of(AdjustmentKind.FEE)
    return Totals(
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        fees=fees,
        tax=sum((each.tax for each in adjustments), sum((line.tax for line in lines), zero)),
        total=subtotal - discount + shipping + fees,
    )
