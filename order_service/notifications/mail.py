"""The mails of the shop: built from the order's own snapshot, so they need no other service.

A mail is one delivery row. Its Message-ID comes from the row's key, so a mail that had to be sent
twice (the process died after the server took it) shows up once in most mailboxes.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from chassis.money import Money
from order_service.notifications import cancellation
from order_service.orders.addresses import address_lines
from order_service.orders.links import link_token, order_url
from order_service.orders.models import Delivery, Order, OrderLine
from order_service.shop.models import shop_settings


def order_confirmation(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a delivery of kind order_confirmation, as text and HTML."""
    order = delivery.event.order
    context = {**_link(order), **_context(order)}
    return _mail(delivery, f"Your order {order.number} is confirmed", context)


def order_cancelled(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a delivery of kind order_cancelled: why, and what became of the money."""
    order = delivery.event.order
    context = {
        **_link(order),
        "happened": cancellation.what_happened(order),
        "short": cancellation.what_was_short(order),
        "money": cancellation.what_became_of_the_money(order),
        "lines": [_line(line, order.currency) for line in order.lines.all()],
    }
    return _mail(delivery, f"Your order {order.number} was cancelled", context)


def order_link(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a delivery of kind order_link: the link that works now, and little else."""
    order = delivery.event.order
    return _mail(delivery, f"Your new link to order {order.number}", _link(order))


def message_id(delivery: Delivery) -> str:
    """The same for every try of this delivery."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{delivery.key}@{domain}>"


def _mail(delivery: Delivery, subject: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """As text and HTML, from the two templates that are named as the delivery's kind."""
    shop = shop_settings()
    context = {**context, "title": subject, "shop": shop}
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{delivery.kind}.txt", context),
        from_email=shop.sender or None,  # None: EMAIL_FROM
        to=[delivery.event.order.email],
        headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"mail/{delivery.kind}.html", context)
    mail.attach_alternative(html, "text/html")
    return mail


def _link(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "url": order_url(order.number, link_token(order.id, order.link_version)),
    }


def _context(order: Order) -> dict[str, Any]:
    return {
        "lines": [_line(line, order.currency) for line in order.lines.all()],
        "subtotal": Money(order.subtotal, order.currency).written(),
        "shipping": Money(order.shipping, order.currency).written() if order.shipping else "Free",
        "shipping_name": order.shipping_name,
        "tax": Money(order.tax, order.currency).written(),
        "total": Money(order.total, order.currency).written(),
        "address": address_lines(order.shipping_address),
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
