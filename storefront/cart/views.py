"""The cart page and its buttons. Every change answers with a redirect, so Reload is safe."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chassis.money import Money
from storefront import guests, offers
from storefront.cart import actions, undoing
from storefront.cart.adding import put_into_cart
from storefront.cart.contents import ShownLine, contents
from storefront.cart.forms import AddForm
from storefront.cart.typed import Kept, Wrong, chosen_line, keep_typed
from storefront.shell import show_basket_count


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return cart_page(request)


def cart_page(
    request: HttpRequest, wrong: Mapping[int, Wrong] = MappingProxyType({}), status: int = 200
) -> HttpResponse:
    """The cart; `wrong` has what was typed and cannot be taken, by line id."""
    shown = contents(guests.known(request))
    context = {
        "cart": shown,
        "missing_for_free_delivery": shown.quote
        and offers.missing_for_free_shipping(shown.quote.subtotal),
        "lines": [(line, wrong.get(line.id)) for line in shown.lines],
        "basket_count": shown.count,
        "wrong": wrong.get(0),
        "undo": undoing.last_change(request),
        "is_swap": "HX-Request" in request.headers,
    }
    response = render(request, "cart/cart.html", context, status=status)
    return show_basket_count(response, shown.count)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the cart, as many as are left; says so where it could not."""
    form = AddForm(request.POST)
    if not form.is_valid():
        context = {"problems": [form.first_error], "back": _product_page(request)}
        return render(request, "errors/400.html", context, status=422)
    pieces = put_into_cart(request, [form.wanted], is_more=True)
    if pieces is None:
        return redirect(_product_page(request))
    return show_basket_count(redirect("cart"), pieces)


def changed(request: HttpRequest, kept: Kept) -> HttpResponse:
    """The answer to a change: the cart, or what was typed and cannot be taken."""
    return cart_page(request, kept.wrong, status=422) if kept.wrong else redirect("cart")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take a line out. One that is gone already is no error: pressed twice is pressed once."""
    line = chosen_line(request, "remove")
    kept = keep_typed(request, but=line)
    kept.wrong.pop(0, None)
    if line is not None:
        actions.remove_line(subject=guests.ensure(request), line_id=line.pk)
        undoing.keep_removed(request, line)
    return changed(request, kept)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the last change of quantities or the last removal."""
    undoing.undo_last_change(request)
    return redirect("cart")


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """The shopper takes the changed price of a line; if it changed again, the cart says so."""
    chosen = chosen_line(request, "accept")
    kept = keep_typed(request)
    for line in contents(guests.known(request)).lines if chosen else ():
        if chosen and line.id == chosen.pk and (price := _price_as_shown(request, line)):
            actions.accept_price(
                subject=guests.ensure(request), line_id=line.id, unit_price=price.to_wire()
            )
    return changed(request, kept)


def _price_as_shown(request: HttpRequest, line: ShownLine) -> Money | None:
    """The price of a line, unless the page showed another; one of releases before sends none."""
    price = line.unit_price
    shown = request.POST.get(f"price_{line.id}")
    return price if price is not None and shown in {None, price.written()} else None


def _product_page(request: HttpRequest) -> str:
    slug = request.POST.get("slug", "")
    is_slug = slug.replace("-", "").isalnum() and slug.isascii()
    return reverse("product", args=[slug]) if is_slug else reverse("home")
