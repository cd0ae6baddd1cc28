"""The price for a kg, l or m of what is in a variant (Directive 98/6/EC, Article 3)."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from chassis.money import Money
from product_service.shapes import UnitPrice

# By the unit of the content: the unit that a price is told for, and how many of the former it is.
TOLD_FOR = {
    "g": ("kg", 1000),
    "kg": ("kg", 1),
    "ml": ("l", 1000),
    "cl": ("l", 100),
    "l": ("l", 1),
    "cm": ("m", 100),
    "m": ("m", 1),
    "m2": ("m²", 1),
    "piece": ("piece", 1),
}
UNITS = (("", "no base price"), *((unit, unit.replace("2", "²")) for unit in TOLD_FOR))


def unit_price(amount: str, content: Decimal | float | None, unit: str) -> UnitPrice | None:
    """None if the variant says no content, or its product no unit."""
    if not content or unit not in TOLD_FOR:
        return None
    told_for, many = TOLD_FOR[unit]
    price = Decimal(amount) * many / Decimal(str(content))
    return {"price": Money.of(price, settings.STORE_CURRENCY).to_wire(), "unit": told_for}
