"""The channel `owner_mail`: what whoever runs the shop is told, at OWNER_EMAIL."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from order_service.notifications.channel import NobodyToTell
from order_service.notifications.contents import lines_of, sums_of
from order_service.notifications.mail import Letter, MailChannel
from order_service.orders.addresses import address_lines
from order_service.orders.models import Order, Topic


def new_order(order: Order) -> Letter:
    """An order that is paid, and all that is needed to pack it."""
    context: dict[str, Any] = {
        **sums_of(order),
        "order": order,
        "lines": lines_of(order),
        "address": address_lines(order.shipping_address),
        "url": back_office_page(order),
    }
    return Letter(f"New order {order.number}: {context['total']}", context)


def back_office_page(order: Order) -> str:
    """Where staff see the order; "" while ORDERS_ADMIN_URL is empty.

    Spelled out: reversing it would make each worker import the back office and the API.
    """
    if not settings.ORDERS_ADMIN_URL:
        return ""
    return f"{settings.ORDERS_ADMIN_URL}/admin/orders/order/{order.id}/change/"


class OwnerMail(MailChannel):
    """Mails to the owner; an answer goes to the shopper."""

    writers = {Topic.NEW_ORDER: new_order}

    def recipient(self, order: Order) -> str:
        if not settings.OWNER_EMAIL:
            raise NobodyToTell("OWNER_EMAIL is empty")
        return str(settings.OWNER_EMAIL)

    def reply_to(self, order: Order) -> list[str]:
        return [order.email]
