"""How an order can travel, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chassis.money import Money
from order_service.pricing.adjustments import Adjustment, AdjustmentKind


@dataclass(frozen=True)
class ShippingMethod:
    """A way to ship; prices are gross, in the currency of the store, rounded to its decimals."""

    code: str
    name: str
    estimate: str  # when it arrives, as a shopper reads it
    price: Decimal
    free_from: Decimal | None  # goods of this value or more travel free

    def price_for(self, subtotal: Money) -> Money:
        """What shipping goods worth `subtotal` costs."""
        free_from = self.free_in(subtotal.currency)
        if free_from is not None and subtotal >= free_from:
            return Money.zero(subtotal.currency)
        return Money.of(self.price, subtotal.currency)

    def free_in(self, currency: str) -> Money | None:
        """The value of goods from which shipping is free, as shoppers are told it."""
        return None if self.free_from is None else Money.of(self.free_from, currency)


SHIPPING_METHODS: dict[str, ShippingMethod] = {
    method.code: method
    for method in (
        ShippingMethod(
            code="standard",
            name="Standard",
            estimate="2 to 4 working days",
            price=Decimal("4.90"),
            free_from=Decimal("50.00"),
        ),
        ShippingMethod(
            code="express",
            name="Express",
            estimate="next working day",
            price=Decimal("9.90"),
            free_from=None,
        ),
    )
}


def shipping_adjustment(method: ShippingMethod, subtotal: Money, tax_rate: Decimal) -> Adjustment:
    """What shipping goods worth `subtotal` costs; a row of its own even where it is free."""
    return Adjustment(
        kind=AdjustmentKind.SHIPPING,
        label=method.name,
        amount=method.price_for(subtotal),
        tax_rate=tax_rate,
        source=method.code,
    )
