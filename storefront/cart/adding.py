"""Putting products into the cart, as many of each as are left, and saying what happened."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from chassis.http import UpstreamError
from storefront import guests, metrics
from storefront.cart import actions
from storefront.cart.contents import seen
from storefront.clients import products
from storefront.clients.product_answers import QuotedLine

NOT_CHECKED = "Our stock cannot be checked right now, so nothing was added. Please try again."


def put_into_cart(request: HttpRequest, wanted: Sequence[tuple[str, int]]) -> bool:
    """Add (sku, quantity) pairs; a notice tells the shopper about each. False if stock could not be
    checked."""
    try:
        quoted = products.quote(wanted)
    except UpstreamError:
        messages.error(request, NOT_CHECKED)
        return False
    for line in quoted:
        _add_what_is_left(request, line)
    return True


def _add_what_is_left(request: HttpRequest, quoted: QuotedLine) -> None:
    if quoted.status == "unavailable":
        messages.error(request, "This product is no longer sold. Nothing was added.")
        return
    if quoted.status == "sold_out" or quoted.available < 1:
        messages.error(request, f"{quoted.name} is sold out. Nothing was added.")
        return
    pieces = min(quoted.quantity, quoted.available)
    try:
        actions.add_line(
            subject=guests.ensure(request), sku=quoted.sku, quantity=pieces, seen=seen(quoted)
        )
    except actions.CartFull as full:
        messages.error(request, f"{full}.")
        return
    metrics.step(request, "cart_add")
    if pieces < quoted.quantity:
        messages.warning(request, f"Only {pieces} of {quoted.name} are left; we added {pieces}.")
    else:
        messages.success(request, f"{quoted.name} is in your cart.")
