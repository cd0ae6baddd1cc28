"""What a cart costs now: product_service's names and prices, our shipping and tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from order_service.clients.quotes import QuotedLine, fetch_quote
from order_service.clients.wanted import Wanted
from order_service.pricing.shipping import ShippingMethod
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
    shipping_method: ShippingMethod | None
    totals: Totals


def quote_cart(
    wanted: Sequence[Wanted],
    *,
    shipping_method: ShippingMethod | None,
    tax_rate: Decimal,
) -> CartQuote:
    """Price `wanted` with one call. Raises ProductsUnavailable or LinesRefused."""
    quote = fetch_quote(wanted)
    lines = tuple(CartLine(line, _price(line, tax_rate)) for line in quote.lines)
    totals = add_up(
        [line.price for line in lines if line.price is not None],
        shipping_method=shipping_method,
        tax_rate=tax_rate,
        currency=quote.currency,
    )
    return CartQuote(quote.currency, lines, shipping_method, totals)


def _price(line: QuotedLine, tax_rate: Decimal) -> PricedLine | None:
    if line.unit_price is None:
        return None
    return price_line(line.unit_price, line.quantity, tax_rate)
