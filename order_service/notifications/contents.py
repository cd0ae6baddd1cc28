"""What mails print of an order, as text: its lines and its sums."""

from __future__ import annotations

from chassis.money import Money
from order_service.orders.models import Order, OrderLine


def lines_of(order: Order) -> list[dict[str, str]]:
    return [_line(line, order.currency) for line in order.lines.all()]


def sums_of(order: Order) -> dict[str, str]:
    return {
        "subtotal": Money(order.subtotal, order.currency).written(),
        "shipping": Money(order.shipping, order.currency).written() if order.shipping else "Free",
        "tax": Money(order.tax, order.currency).written(),
        "total": Money(order.total, order.currency).written(),
    }


def _line(line: OrderLine, currency: str) -> dict[str, str]:
    return {
        "sku": line.sku,
        "name": line.name,
        "options": ", ".join(str(value) for value in line.options.values()),
        "quantity": str(line.quantity),
        "unit_price": Money(line.unit_price, currency).written(),
        "total": Money(line.total, currency).written(),
    }
