"""Putting products into the cart, as many of each as are left, and saying what happened."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from chassis.http import UpstreamError
from storefront import guests, metrics
from storefront.cart import actions
from storefront.cart.contents import seen
from storefront.cart.lines import Raised
from storefront.cart.models import MAX_QUANTITY, CartLine
from storefront.cart.undoing import forget_undo
from storefront.clients import products
from storefront.clients.product_answers import QuotedLine
from storefront.clients.wanted import Wanted

NOT_CHECKED = "We can’t check our stock right now, so nothing was added. Please try again."


def put_into_cart(request: HttpRequest, wanted: Sequence[Wanted], *, is_more: bool) -> int | None:
    """Put products into the cart; a notice tells about each.

    Gives how many pieces the cart has then; None if stock cannot be checked. `is_more` adds to what
    is there; without it the cart has so many afterwards, so doing it twice is doing it once.
    """
    try:
        quoted = products.quote(wanted)
    except UpstreamError:
        messages.error(request, NOT_CHECKED)
        return None
    forget_undo(request)
    raised = [_put_what_is_left(request, line, is_more) for line in quoted]
    if raised and raised[-1]:
        return raised[-1].pieces
    return CartLine.objects.pieces_of(guests.known(request))


def only_left(name: str, left: int, has: int) -> str:
    """That the cart cannot have more of a product; `has` is how many it has."""
    if left >= MAX_QUANTITY:
        return f"{name}: {MAX_QUANTITY} is the most you can order. Your cart has {has}."
    if has > left:
        return f"{name}: only {left} left, and your cart has {has}. Nothing was added."
    return f"{name}: only {left} left. Your cart has {'it' if left == 1 else f'all {left}'}."


def _put_what_is_left(request: HttpRequest, quoted: QuotedLine, is_more: bool) -> Raised | None:
    if quoted.status == "unavailable":
        messages.error(request, "This product is no longer sold. Nothing was added.")
        return None
    if quoted.status == "sold_out" or quoted.available < 1:
        messages.error(request, f"{quoted.name} is sold out. Nothing was added.")
        return None
    is_new = guests.known(request) is None
    try:
        raised = actions.raise_line(
            subject=guests.ensure(request),
            wanted=Wanted(quoted.sku, quoted.quantity, quoted.variant_id),
            seen=seen(quoted),
            most=quoted.available,
            is_more=is_more,
            is_new=is_new,
        )
    except actions.CartFull as full:
        messages.error(request, f"{full}.")
        return None
    metrics.step(request, "cart_add")
    _say(request, quoted, raised.before if is_more else 0, raised)
    return raised


def _say(request: HttpRequest, quoted: QuotedLine, added_to: int, raised: Raised) -> None:
    before, has = raised.before, raised.now
    if has < added_to + quoted.quantity:
        messages.warning(request, only_left(str(quoted.name), quoted.available, has))
    elif has == before:
        messages.info(request, f"{quoted.name} was in your cart already. Nothing was added.")
    else:
        messages.success(request, f"{quoted.name} is in your cart.")
