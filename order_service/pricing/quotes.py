"""What a cart costs now: product_service's names and prices, our shipping and tax."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.clients.quotes import Quote, QuotedLine, fetch_quote
from order_service.pricing.adjustments import Adjustment, AdjustmentKind
from order_service.pricing.models import ShippingMethod, TaxClass
from order_service.pricing.price_list import PriceList, price_list
from order_service.pricing.totals import PricedLine, Totals, add_up, price_line


@dataclass(frozen=True)
class CartLine:
    """One line as product_service quotes it; `price` is None if it cannot be bought at all."""

    quoted: QuotedLine
    tax_rate: Decimal
    price: PricedLine | None


@dataclass(frozen=True)
class CartQuote:
    """A priced cart; lines without a price are not in its totals."""

    currency: str
    lines: tuple[CartLine, ...]
    adjustments: tuple[Adjustment, ...]
    shipping_method: ShippingMethod | None
    offered: tuple[ShippingMethod, ...]
    totals: Totals


def quote_cart(
    wanted: Sequence[Wanted],
    *,
    shipping_method: ShippingMethod | None,
    country: str,
    ask: Callable[[Sequence[Wanted]], Quote] = fetch_quote,
) -> CartQuote:
    """Price `wanted` with one call, as if it went to `country` (empty: not known yet).

    Without a shipping method nothing is charged for shipping yet. Raises ProductsUnavailable or
    LinesRefused.
    """
    quote = ask(wanted)
    prices = price_list()
    lines = tuple(_priced(line, prices, country) for line in quote.lines)
    sold = [line.price for line in lines if line.price is not None]
    subtotal = sum((line.total for line in sold), Money.zero(quote.currency))
    adjustments: tuple[Adjustment, ...] = ()
    if shipping_method is not None:
        tax_rate = prices.tax_rate(TaxClass.STANDARD, country)  # shipping is taxed as these goods
        adjustments = (shipping_adjustment(shipping_method, subtotal, tax_rate),)
    return CartQuote(
        currency=quote.currency,
        lines=lines,
        adjustments=adjustments,
        shipping_method=shipping_method,
        offered=prices.offered,
        totals=add_up(sold, adjustments, currency=quote.currency),
    )


def shipping_adjustment(method: ShippingMethod, subtotal: Money, tax_rate: Decimal) -> Adjustment:
    """What shipping goods worth `subtotal` costs; an adjustment of its own even if it is free."""
    return Adjustment(
        kind=AdjustmentKind.SHIPPING,
        label=method.name,
        amount=method.price_for(subtotal),
        tax_rate=tax_rate,
        source=method.code,
    )


def _priced(line: QuotedLine, prices: PriceList, country: str) -> CartLine:
    tax_rate = prices.tax_rate(line.tax_class, country)
    if line.unit_price is None:
        return CartLine(line, tax_rate, None)
    price = price_line(line.unit_price, line.quantity, tax_rate=tax_rate)
    return CartLine(line, tax_rate, price)
