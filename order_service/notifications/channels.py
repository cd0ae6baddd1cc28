"""The channels of the shop, and what the mail of each topic says, from the order alone.

A new topic is a writer here and two templates in mail/; a new channel, a class and a line in
CHANNELS.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any, Protocol

from django.conf import settings

from chassis.money import Money
from order_service.notifications import cancellation
from order_service.notifications.failures import NobodyToTell, NotSent
from order_service.notifications.mail import Letter, MailChannel
from order_service.orders.links import link_token, order_url
from order_service.orders.models import ChannelName, Delivery, Order, Topic


def order_confirmation(order: Order) -> Letter:
    return Letter(f"Your order {order.number} is confirmed", _link(order) | _contents(order))


def order_cancelled(order: Order) -> Letter:
    """Why, and what became of the money."""
    context = {
        **_link(order),
        "happened": cancellation.what_happened(order),
        "short": cancellation.what_was_short(order),
        "money": cancellation.what_became_of_the_money(order),
        "lines": _lines(order),
    }
    return Letter(f"Your order {order.number} was cancelled", context)


def order_link(order: Order) -> Letter:
    """The link that works now, and little else."""
    return Letter(f"Your new link to order {order.number}", _link(order))


def new_order(order: Order) -> Letter:
    """An order that is paid, and all that is needed to pack it."""
    context = _contents(order) | {"url": back_office_page(order)}
    return Letter(f"New order {order.number}: {context['total']}", context)


def back_office_page(order: Order) -> str:
    """Where staff see the order; "" while ORDERS_ADMIN_URL is empty.

    Spelled out: reversing it would make each worker import the back office and the API.
    """
    if not settings.ORDERS_ADMIN_URL:
        return ""
    return f"{settings.ORDERS_ADMIN_URL}/admin/orders/order/{order.id}/change/"


class ShopperMail(MailChannel):
    """Mails to the address that the shopper gave."""

    writers = {
        Topic.ORDER_CONFIRMATION: order_confirmation,
        Topic.ORDER_CANCELLED: order_cancelled,
        Topic.ORDER_LINK: order_link,
    }

    def recipient(self, order: Order) -> str:
        return order.email


class OwnerMail(MailChannel):
    """Mails to whoever runs the shop, at OWNER_EMAIL; an answer goes to the shopper."""

    writers = {Topic.NEW_ORDER: new_order}

    def recipient(self, order: Order) -> str:
        if not settings.OWNER_EMAIL:
            raise NobodyToTell("OWNER_EMAIL is empty")
        return str(settings.OWNER_EMAIL)

    def reply_to(self, order: Order) -> list[str]:
        return [order.email]


class Channel(Protocol):
    """One way to tell somebody outside what deliveries say.

    `send` takes the next delivery when the one before was told, under the same id each time and in
    no transaction, and yields it as soon as the other side has it, or with why it was not sent: no
    failure is another delivery's. `timeout` in seconds is for each answer of the other side; None
    leaves it to the channel. Whoever closes it early leaves the rest unsent.
    """

    def send(
        self, deliveries: Iterable[Delivery], *, timeout: float | None
    ) -> Generator[tuple[Delivery, NotSent | None]]: ...


CHANNELS: Mapping[str, Channel] = {
    ChannelName.MAIL: ShopperMail(),
    ChannelName.OWNER_MAIL: OwnerMail(),
}


def _link(order: Order) -> dict[str, Any]:
    url = order_url(order.number, link_token(order.id, order.link_version))
    return {"number": order.number, "url": url}


def _contents(order: Order) -> dict[str, Any]:
    """What was ordered, where it goes, and what it costs."""
    shipping = Money(order.shipping, order.currency).written() if order.shipping else "Free"
    return {
        "order": order,
        "lines": _lines(order),
        "address": order.address_lines,
        "subtotal": Money(order.subtotal, order.currency).written(),
        "shipping": shipping,
        "tax": Money(order.tax, order.currency).written(),
        "total": Money(order.total, order.currency).written(),
    }


def _lines(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "sku": line.sku,
            "name": line.name,
            "options": ", ".join(str(value) for value in line.options.values()),
            "quantity": line.quantity,
            "unit_price": Money(line.unit_price, order.currency).written(),
            "total": Money(line.total, order.currency).written(),
        }
        for line in order.lines.all()
    ]
