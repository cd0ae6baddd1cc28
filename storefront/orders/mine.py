"""The orders that were placed with this browser, newest first, page by page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from chassis.http import Refused, UpstreamError
from storefront import guests
from storefront.clients import orders
from storefront.clients.order_answers import OrderPage

NONE = OrderPage((), older=None)
NO_SUCH_PAGE = "That page of your orders does not exist. Here are your newest orders."


def my_orders(request: HttpRequest) -> OrderPage | None:
    """The page that the address asks for.

    None while order_service cannot say: "no orders" would make people order again.
    """
    subject = guests.known(request)
    if subject is None:
        return NONE
    older = request.GET.get("older", "")
    found = _page(subject, older)
    if isinstance(found, Refused) and older:
        messages.info(request, NO_SUCH_PAGE)
        found = _page(subject, "")
    return found if isinstance(found, OrderPage) else None


def _page(subject: str, older: str) -> OrderPage | UpstreamError:
    try:
        return orders.orders(subject=subject, older=older)
    except UpstreamError as error:
        return error
