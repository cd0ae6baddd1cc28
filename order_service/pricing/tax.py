"""Tax in gross prices: a price includes its tax, so tax is taken out of it, never added."""

from __future__ import annotations

from decimal import Decimal

from chassis.money import Money


def tax_included(gross: Money, rate: Decimal) -> Money:
    """The tax inside `gross` at `rate` (0.19 for 19 %); of a negative amount it is negative.

    The net amount is rounded half up and the tax is the rest, so net + tax is always the gross
    amount to the cent.
    """
    net = Money(gross.amount / (1 + rate), gross.currency).rounded()
    return gross - net
