"""The channel `mail`: what the shopper is told, from the order's own snapshot alone."""

from __future__ import annotations

from typing import Any

from order_service.notifications import cancellation
from order_service.notifications.contents import lines_of, sums_of
from order_service.notifications.mail import Letter, MailChannel
from order_service.orders.addresses import address_lines
from order_service.orders.links import link_token, order_url
from order_service.orders.models import Order, Topic


def order_confirmation(order: Order) -> Letter:
    context = {
        **_link(order),
        **sums_of(order),
        "order": order,
        "lines": lines_of(order),
        "address": address_lines(order.shipping_address),
    }
    return Letter(f"Your order {order.number} is confirmed", context)


def order_cancelled(order: Order) -> Letter:
    """Why, and what became of the money."""
    context = {
        **_link(order),
        "happened": cancellation.what_happened(order),
        "short": cancellation.what_was_short(order),
        "money": cancellation.what_became_of_the_money(order),
        "lines": lines_of(order),
    }
    return Letter(f"Your order {order.number} was cancelled", context)


def order_link(order: Order) -> Letter:
    """The link that works now, and little else."""
    return Letter(f"Your new link to order {order.number}", _link(order))


class ShopperMail(MailChannel):
    """Mails to the address that the shopper gave."""

    writers = {
        Topic.ORDER_CONFIRMATION: order_confirmation,
        Topic.ORDER_CANCELLED: order_cancelled,
        Topic.ORDER_LINK: order_link,
    }

    def recipient(self, order: Order) -> str:
        return order.email


def _link(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "url": order_url(order.number, link_token(order.id, order.link_version)),
    }
