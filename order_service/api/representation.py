"""An order as JSON, the one shape that every answer about an order has, and a priced cart.

`shapes` says which columns are told and how; here stands what no column says. The secret of an
order's link is not part of it: it is added when an answer leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter

from chassis.money import Money
from order_service.api.shapes import OrderBody, OrderSummary, QuoteAnswer
from order_service.orders.models import Order, OrderEvent, OrderLine
from order_service.orders.states import CANCELLABLE, State
from order_service.pricing.quotes import CartLine, CartQuote

_body = TypeAdapter(OrderBody).validate_python
_summary = TypeAdapter(OrderSummary).validate_python
_quote = TypeAdapter(QuoteAnswer).validate_python


def order_body(order: Order, lines: Sequence[OrderLine], events: Iterable[OrderEvent]) -> OrderBody:
    """The order with its lines and timeline."""
    names = {line.sku: line.name for line in lines}  # that the shopper knows
    told = {
        **_columns(order),
        "subtotal": Money(order.subtotal, order.currency),
        "shipping": Money(order.shipping, order.currency),
        "tax": Money(order.tax, order.currency),
        "lines": [_line(line, order.currency) for line in lines],
        "shipping_method": {"code": order.shipping_method, "name": order.shipping_name},
        "timeline": [{"state": event.to_state, "at": event.at} for event in events],
        "short": [{**each, "name": names.get(each["sku"], each["sku"])} for each in order.short],
        "allowed_actions": ["cancel"] if State(order.state) in CANCELLABLE else [],
        "confirm_url": None,
        "queue": None,
    }
    return _body(told)


def summary_body(order: Order) -> OrderSummary:
    """The order as a row of a list."""
    return _summary(_columns(order))


def quote_body(quote: CartQuote) -> QuoteAnswer:
    """A priced cart with what each way of shipping would cost."""
    totals, method = quote.totals, quote.shipping_method
    told = {
        **vars(totals),
        "currency": quote.currency,
        "lines": [_quote_line(line) for line in quote.lines],
        "shipping_methods": [
            {**vars(offered), "price": offered.price_for(totals.subtotal)}
            for offered in quote.offered
        ],
        "shipping_method": method.code if method else None,
        "shipping": totals.shipping if method else None,
        "prices_include_tax": True,
    }
    return _quote(told)


def _columns(order: Order) -> dict[str, Any]:
    return {
        **vars(order),
        "reason": order.reason or None,
        "terminal": order.is_terminal,
        "total": Money(order.total, order.currency),
    }


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    amounts = {"unit_price": Money(line.unit_price, currency)}
    return {**vars(line), **amounts, "line_total": Money(line.total, currency)}


def _quote_line(line: CartLine) -> dict[str, Any]:
    total = line.price.total if line.price else None
    return {**vars(line.quoted), "tax_rate": line.tax_rate, "line_total": total}
