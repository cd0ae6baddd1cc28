"""Whose order it is: the only way from a request to an order."""

from __future__ import annotations

from rest_framework.request import Request

from chassis.auth import caller_of
from chassis.errors import NotFound
from chassis.logs import bind
from order_service.orders.links import is_link_token
from order_service.orders.models import Order

# What people type for the letters that Crockford's alphabet leaves out.
MISTAKEN = str.maketrans("OIL", "011")


def subject(request: Request) -> str:
    """Whom the caller speaks for, such as `guest:<id>`."""
    return caller_of(request).subject


def order_by_number(request: Request, number: str) -> Order:
    """The order, if it is the subject's or the request carries the token of its link.

    Raises NotFound for an absent order and for another's alike.
    """
    asking = subject(request)
    order = Order.objects.filter(number=number).first()
    token = request.headers.get("Order-Token", "")
    if order is None or not (
        order.subject == asking or is_link_token(token, order.id, order.link_version)
    ):
        raise NotFound("No order of yours has this number.")
    bind(order=order.number)
    return order


def normal_number(typed: str) -> str:
    """An order number as people type it, in the form in which it is stored."""
    prefix, dash, letters = typed.strip().upper().partition("-")
    return prefix + dash + letters.translate(MISTAKEN)
