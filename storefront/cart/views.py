"""The cart page and its buttons. Every change answers with a redirect, so Reload is safe."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from storefront import guests
from storefront.cart import actions
from storefront.cart.adding import put_into_cart
from storefront.cart.contents import Contents, contents
from storefront.cart.forms import LineForm, SkuForm
from storefront.cart.models import CartLine
from storefront.shell import show_basket_count

UNDO = "cart_undo"  # in the session: sku, quantity and seen of the last change


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return cart_page(request, {})


def cart_page(request: HttpRequest, wrong: dict[str, Any], status: int = 200) -> HttpResponse:
    """The cart; `wrong` has the SKU, the value and the error of a refused change."""
    shown = contents_of(request)
    context = {
        "cart": shown,
        "basket_count": shown.count,
        "wrong": wrong,
        "undo": request.session.get(UNDO),
    }
    response = render(request, "cart/cart.html", context, status=status)
    return show_basket_count(response, shown.count)


def contents_of(request: HttpRequest) -> Contents:
    subject = guests.known(request)
    return contents(CartLine.objects.of(subject), subject=subject or "")


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the cart, as many as are left; says so where it could not."""
    form = LineForm(request.POST)
    if not form.is_valid():
        return _refused_addition(request, form)
    if not put_into_cart(request, [(form.cleaned_data["sku"], form.cleaned_data["quantity"])]):
        return redirect(_product_page(request))
    request.session.pop(UNDO, None)
    held = sum(line.quantity for line in CartLine.objects.of(guests.known(request)))
    return show_basket_count(redirect("cart"), held)


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Set the quantity of a line."""
    form = LineForm(request.POST)
    if not form.is_valid():
        wrong = {"sku": request.POST.get("sku"), "error": _first_error(form)}
        return cart_page(request, wrong, status=422)
    sku, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
    before = actions.set_quantity(subject=guests.ensure(request), sku=sku, quantity=quantity)
    if before is not None and before != quantity:
        undo = {"sku": sku, "quantity": before, "said": f"Quantity changed to {quantity}."}
        request.session[UNDO] = undo
    return redirect("cart")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    form = SkuForm(request.POST)
    if not form.is_valid():
        return redirect("cart")
    subject = guests.ensure(request)
    line = actions.remove_line(subject=subject, sku=form.cleaned_data["sku"])
    if line is not None:
        request.session[UNDO] = {
            "sku": line.sku,
            "quantity": line.quantity,
            "seen": line.seen,
            "said": f"{line.seen['name'] or line.sku} removed.",
        }
    return redirect("cart")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the last change of quantity or the last removal."""
    kept = request.session.pop(UNDO, None)
    if kept is None:
        return redirect("cart")
    subject = guests.ensure(request)
    if "seen" in kept:
        _put_back(request, subject, kept)
    else:
        actions.set_quantity(subject=subject, sku=kept["sku"], quantity=kept["quantity"])
    return redirect("cart")


def _put_back(request: HttpRequest, subject: str, kept: dict[str, Any]) -> None:
    """Put a removed line back, unless others have taken its place."""
    sku, seen = kept["sku"], kept["seen"]
    try:
        actions.add_line(subject=subject, sku=sku, quantity=kept["quantity"], seen=seen)
    except actions.CartFull as full:
        messages.error(request, f"{full}, so {seen['name'] or sku} was not put back.")


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """The shopper takes the changed price of a line."""
    form = SkuForm(request.POST)
    if form.is_valid():
        for line in contents_of(request).lines:
            if line.sku == form.cleaned_data["sku"] and line.unit_price is not None:
                actions.accept_price(
                    subject=guests.ensure(request),
                    sku=line.sku,
                    unit_price=line.unit_price.to_wire(),
                )
    return redirect("cart")


def _refused_addition(request: HttpRequest, form: LineForm) -> HttpResponse:
    context = {"problems": [_first_error(form)], "back": _product_page(request)}
    return render(request, "errors/400.html", context, status=422)


def _product_page(request: HttpRequest) -> str:
    slug = request.POST.get("slug", "")
    is_slug = slug.replace("-", "").isalnum() and slug.isascii()
    return reverse("product", args=[slug]) if is_slug else reverse("home")


def _first_error(form: SkuForm) -> str:
    return next(str(message) for messages in form.errors.values() for message in messages)
