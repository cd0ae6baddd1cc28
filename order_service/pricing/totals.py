"""What a cart costs: each part is rounded once, and every total is a sum of rounded parts.

    line total   = unit price * quantity
    subtotal     = sum of line totals
    total        = subtotal + shipping
    tax          = sum of the taxes inside each line and inside shipping (part of the total)

So a shopper who adds up the printed lines gets the printed total, to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from chassis.money import Money
from order_service.pricing.shipping import ShippingMethod
from order_service.pricing.tax import tax_included


@dataclass(frozen=True)
class PricedLine:
    """One line with its rounded total and the tax that the total includes."""

    quantity: int
    unit_price: Money
    tax_rate: Decimal
    total: Money
    tax: Money


@dataclass(frozen=True)
class Totals:
    """The sums of a cart; `tax` is inside `total`."""

    subtotal: Money
    shipping: Money
    tax: Money
    total: Money


def price_line(unit_price: Money, quantity: int, tax_rate: Decimal) -> PricedLine:
    total = (unit_price * quantity).rounded()
    return PricedLine(quantity, unit_price, tax_rate, total, tax_included(total, tax_rate))


def add_up(
    lines: Sequence[PricedLine],
    *,
    shipping_method: ShippingMethod | None,
    tax_rate: Decimal,
    currency: str,
) -> Totals:
    """The totals of `lines`; without a shipping method nothing is charged for shipping yet."""
    subtotal = sum((line.total for line in lines), Money.zero(currency))
    shipping = shipping_method.price_for(subtotal) if shipping_method else Money.zero(currency)
    line_taxes = sum((line.tax for line in lines), Money.zero(currency))
    return Totals(
        subtotal=subtotal,
        shipping=shipping,
        tax=line_taxes + tax_included(shipping, tax_rate),
        total=subtotal + shipping,
    )
