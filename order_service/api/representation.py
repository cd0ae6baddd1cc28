"""An order as JSON, the one shape that every answer about an order has.

The secret of its link is not part of it: `with_token` adds that when an answer leaves.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from chassis.money import Money, WireMoney
from order_service.api.shapes import (
    AsStored,
    ImageAnswer,
    OrderBody,
    OrderLineAnswer,
    OrderSummary,
    Queue,
    QuoteAnswer,
    QuoteLineAnswer,
    ShortLine,
)
from order_service.orders.links import link_token
from order_service.orders.models import Order, OrderEvent, OrderLine
from order_service.orders.states import CANCELLABLE, State
from order_service.pricing.quotes import CartLine, CartQuote


def order_body(
    order: Order,
    lines: Sequence[OrderLine],
    events: Iterable[OrderEvent],
    *,
    confirm_url: str | None = None,
    queue: Queue | None = None,
) -> OrderBody:
    """The order with its lines and timeline."""
    stored = {name: getattr(order, name) for name in AsStored.__annotations__}
    return {
        **summary_body(order),
        **cast("AsStored", stored),
        "updated_at": _time(order.updated_at),
        "lines": [_line(line, order.currency) for line in lines],
        "subtotal": _money(order.subtotal, order.currency),
        "shipping_method": {"code": order.shipping_method, "name": order.shipping_name},
        "shipping": _money(order.shipping, order.currency),
        "tax": _money(order.tax, order.currency),
        "timeline": [{"state": str(event.to_state), "at": _time(event.at)} for event in events],
        "short": _short(order, lines),
        "allowed_actions": ["cancel"] if State(order.state) in CANCELLABLE else [],
        "confirm_url": confirm_url,
        "queue": queue,
    }


def summary_body(order: Order) -> OrderSummary:
    """The order as a row of a list."""
    return {
        "number": order.number,
        "state": str(order.state),
        "reason": str(order.reason) or None,
        "terminal": order.is_terminal,
        "placed_at": _time(order.placed_at),
        "total": _money(order.total, order.currency),
        "payment_status": str(order.payment_status),
        "fulfilment_status": str(order.fulfilment_status),
    }


def quote_body(quote: CartQuote) -> QuoteAnswer:
    """A priced cart with what each way of shipping would cost."""
    totals, method = quote.totals, quote.shipping_method
    return {
        "currency": quote.currency,
        "lines": [_quote_line(line) for line in quote.lines],
        "subtotal": totals.subtotal.to_wire(),
        "shipping_methods": [
            {
                "code": offered.code,
                "name": offered.name,
                "price": offered.price_for(totals.subtotal).to_wire(),
                "estimate": offered.estimate,
            }
            for offered in quote.offered
        ],
        "shipping_method": method.code if method else None,
        "shipping": totals.shipping.to_wire() if method else None,
        "tax": totals.tax.to_wire(),
        "total": totals.total.to_wire(),
        "prices_include_tax": True,
    }


def with_token(
    body: Mapping[str, Any], *, order_id: uuid.UUID, link_version: int
) -> dict[str, Any]:
    """`body` with the token of the order's link."""
    return {**body, "token": link_token(order_id, link_version)}


def _line(line: OrderLine, currency: str) -> OrderLineAnswer:
    return {
        "sku": line.sku,
        "variant_id": line.variant_id,
        "name": line.name,
        "options": line.options,
        "image": line.image,
        "quantity": line.quantity,
        "unit_price": _money(line.unit_price, currency),
        "tax_rate": f"{line.tax_rate.normalize():f}",
        "line_total": _money(line.total, currency),
    }


def _quote_line(line: CartLine) -> QuoteLineAnswer:
    quoted, price = line.quoted, line.price
    return {
        "sku": quoted.sku,
        "variant_id": quoted.variant_id,
        "quantity": quoted.quantity,
        "status": quoted.status,
        "available": quoted.available,
        "name": quoted.name,
        "options": quoted.options,
        "product_slug": quoted.product_slug,
        "image": cast("ImageAnswer | None", quoted.image),
        "unit_price": quoted.unit_price.to_wire() if quoted.unit_price else None,
        "tax_class": quoted.tax_class,
        "line_total": price.total.to_wire() if price else None,
        "tax_rate": f"{line.tax_rate.normalize():f}",
    }


def _short(order: Order, lines: Sequence[OrderLine]) -> list[ShortLine]:
    """The lines that could not be had, with the names that the shopper knows."""
    names = {line.sku: line.name for line in lines}
    return [
        {
            "sku": short["sku"],
            "name": names.get(short["sku"], short["sku"]),
            "wanted": short["wanted"],
            "available": short["available"],
        }
        for short in order.short
    ]


def _money(amount: Decimal, currency: str) -> WireMoney:
    return Money(amount, currency).to_wire()


def _time(at: datetime) -> str:
    """RFC 3339 in UTC, for example 2026-11-24T09:30:00.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
