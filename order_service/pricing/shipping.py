"""What shipping adds to a cart."""

from __future__ import annotations

from decimal import Decimal

from chassis.money import Money
from order_service.pricing.adjustments import Adjustment, AdjustmentKind
from order_service.pricing.models import ShippingMethod


def shipping_adjustment(method: ShippingMethod, subtotal: Money, tax_rate: Decimal) -> Adjustment:
    """What shipping goods worth `subtotal` costs; an adjustment of its own even if it is free."""
    return Adjustment(
        kind=AdjustmentKind.SHIPPING,
        label=method.name,
        amount=method.price_for(subtotal),
        tax_rate=tax_rate,
        source=method.code,
    )
