"""What a cart costs now: product_service's names and prices, our shipping and tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from chassis.money import Money
from order_service.clients.quotes import QuotedLine, WantedLine, fetch_quote
from order_service.pricing.adjustments import Adjustment
from order_service.pricing.shipping import ShippingMethod, shipping_adjustment
from order_service.pricing.totals import PricedLine, Totals, add_up, price_line


@dataclass(frozen=True)
class CartLine:
    """One line as product_service quotes it; `price` is None if it cannot be bought at all."""

    quoted: QuotedLine
    price: PricedLine | None


@dataclass(frozen=True)
class CartQuote:
    """A priced cart; lines without a price are not in its totals."""

    currency: str
    lines: tuple[CartLine, ...]
    adjustments: tuple[Adjustment, ...]
    shipping_method: ShippingMethod | None
    totals: Totals


def quote_cart(
    wanted: Sequence[WantedLine],
    *,
    shipping_method: ShippingMethod | None,
    tax_rate: Decimal,
) -> CartQuote:
    """Price `wanted` with one call. Raises ProductsUnavailable or LinesRefused."""
    quote = fetch_quote(wanted)
    lines = tuple(CartLine(line, _price(line, tax_rate)) for line in quote.lines)
    priced = [line.price for line in lines if line.price is not None]
    subtotal = sum((line.total for line in priced), Money.zero(quote.currency))
    shipping = [shipping_adjustment(shipping_method, subtotal, tax_rate)] if shipping_method else []
    totals = add_up(priced, shipping, currency=quote.currency)
    return CartQuote(quote.currency, lines, tuple(shipping), shipping_method, totals)


def _price(line: QuotedLine, tax_rate: Decimal) -> PricedLine | None:
    if line.unit_price is None:
        return None
    return price_line(line.unit_price, line.quantity, tax_class=line.tax_class, tax_rate=tax_rate)
