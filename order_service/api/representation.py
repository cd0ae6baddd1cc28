"""An order as JSON, the one shape that every answer about an order has.

The secret of its link is not part of it: `with_token` adds that when an answer leaves.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chassis.money import Money
from order_service.orders.links import link_token
from order_service.orders.models import Order, OrderEvent, OrderLine
from order_service.orders.states import CANCELLABLE, State
from order_service.pricing.quotes import CartLine, CartQuote


def order_body(
    order: Order,
    *,
    lines: Sequence[OrderLine],
    events: Iterable[OrderEvent],
    confirm_url: str | None = None,
    queue: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The order with its lines and timeline."""
    return {
        "number": order.number,
        "state": str(order.state),
        "reason": str(order.reason) or None,
        "terminal": order.is_terminal,
        "placed_at": _time(order.placed_at),
        "updated_at": _time(order.updated_at),
        "email": order.email,
        "currency": order.currency,
        "lines": [_line(line, order.currency) for line in lines],
        "subtotal": _money(order.subtotal, order.currency),
        "shipping_method": {"code": order.shipping_method, "name": order.shipping_name},
        "shipping": _money(order.shipping, order.currency),
        "tax": _money(order.tax, order.currency),
        "total": _money(order.total, order.currency),
        "shipping_address": order.shipping_address,
        "payment_status": str(order.payment_status),
        "fulfilment_status": str(order.fulfilment_status),
        "timeline": [{"state": str(event.to_state), "at": _time(event.at)} for event in events],
        "short": _short(order, lines),
        "allowed_actions": ["cancel"] if State(order.state) in CANCELLABLE else [],
        "confirm_url": confirm_url,
        "queue": queue,
    }


def summary_body(order: Order) -> dict[str, Any]:
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


def quote_body(quote: CartQuote) -> dict[str, Any]:
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


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
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


def _quote_line(line: CartLine) -> dict[str, Any]:
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
        "image": quoted.image,
        "unit_price": quoted.unit_price.to_wire() if quoted.unit_price else None,
        "tax_class": quoted.tax_class,
        "line_total": price.total.to_wire() if price else None,
        "tax_rate": f"{line.tax_rate.normalize():f}",
    }


def _short(order: Order, lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    """The lines that could not be had, with the names that the shopper knows."""
    names = {line.sku: line.name for line in lines}
    return [{**short, "name": names.get(short["sku"], short["sku"])} for short in order.short]


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return Money(amount, currency).to_wire()


def _time(at: datetime) -> str:
    """RFC 3339 in UTC, for example 2026-11-24T09:30:00.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
