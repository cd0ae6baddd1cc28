"""Finds the order of a request, and checks that the caller may see it."""

from __future__ import annotations

from rest_framework.request import Request

from chassis.auth import caller_of, scope
from chassis.errors import DomainError, NotFound
from chassis.ids import order_number
from chassis.json_view import JsonView
from chassis.logs import bind
from order_service.orders.links import Standing, standing
from order_service.orders.models import Order


class OrdersCall(JsonView):
    """A call of a service that may act for shoppers."""

    permission_classes = [scope("orders")]


class LinkEnded(DomainError):
    """The link no longer opens the order: it was revoked, or it has expired. POST
    /v1/orders/lookup with the order number and the e-mail address sends a new one."""

    status, code, title = 410, "link_ended", "The link has expired"


def subject(request: Request) -> str:
    """Whom the caller speaks for, such as `guest:<id>`."""
    return caller_of(request).subject


def order_by_number(request: Request, number: str) -> Order:
    """The order, if it is the subject's or the request carries the token of its link.

    Raises NotFound for an absent order and for another's alike, and LinkEnded if the token is of a
    link that no longer works.
    """
    order = Order.objects.filter(number=order_number(number)).first()
    if order is None or (stands := _standing(request, order)) is Standing.WRONG:
        raise NotFound("No order of yours has this number.")
    if stands is Standing.ENDED:
        raise LinkEnded("Look the order up by its number and e-mail address.")
    bind(order=order.number)
    return order


def may_see(request: Request, order: Order | None) -> bool:
    """Whether the subject placed `order` or sent the token of its link, which works."""
    return order is not None and _standing(request, order) is Standing.OPENS


def _standing(request: Request, order: Order) -> Standing:
    if order.subject == subject(request):
        return Standing.OPENS
    return standing(request.headers.get("Order-Token", ""), order)
