"""The review page: the order as it will be placed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from storefront import guests
from storefront.checkout import offers, steps
from storefront.checkout.attempts import open_attempt
from storefront.checkout.draft import Draft
from storefront.checkout.views import cart_of, send_back
from storefront.clients import orders
from storefront.errors import degraded

NOT_OFFERED = "The delivery that you chose is no longer offered. Please choose another one."
CHANGED = "Something in your cart changed while you were checking out. Please check it."


def review_page(request: HttpRequest, said: dict[str, Any], status: int = 200) -> HttpResponse:
    """The order as it will be placed, frozen in the open attempt; `said` is what has changed."""
    draft = Draft.of(request)
    if steps.first_open(draft):
        return send_back(request, draft)
    cart = cart_of(request, draft)
    if cart.blocked:
        messages.warning(request, CHANGED)
    if not cart.lines or cart.blocked:
        return redirect("cart")
    if cart.quote is None:
        return degraded(request, orders.UPSTREAM)
    if cart.quote.shipping is None:
        return _choose_delivery_again(request, draft)
    attempt = open_attempt(
        subject=guests.ensure(request), draft=draft, cart=cart, total=cart.quote.total
    )
    if attempt.sent_at:  # another tab has pressed the button meanwhile
        return redirect("checkout_review")
    context = {
        "cart": cart,
        "quote": cart.quote,
        "draft": draft,
        "attempt": attempt,
        "steps": steps.STEPS,
        "country": offers.country_name(draft.delivery["country"]),
        "payment": _name_of(offers.payment_methods(), "token", draft.payment["payment_token"]),
        "method": _name_of(cart.quote.shipping_methods, "code", draft.delivery["shipping_method"]),
        **said,
    }
    return render(request, "checkout/review.html", context, status=status)


def _choose_delivery_again(request: HttpRequest, draft: Draft) -> HttpResponse:
    messages.warning(request, NOT_OFFERED)
    draft.reopen("delivery")
    draft.save(request)
    return redirect("checkout_step", "delivery")


def _name_of(offers: tuple[Any, ...], key: str, chosen: str) -> str:
    return next((one.name for one in offers if getattr(one, key) == chosen), chosen)
