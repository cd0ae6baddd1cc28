"""Order pages: status with live progress, cancel, order again, and look-up."""

from __future__ import annotations

import hashlib
import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chassis.http import Refused, Unavailable, UpstreamError
from storefront import guests
from storefront.cart.adding import put_into_cart
from storefront.checkout.offers import country_name
from storefront.clients import orders
from storefront.clients.order_answers import Order, OrderSummary
from storefront.orders.forms import LookUpForm
from storefront.orders.progress import progress

TOKENS = "order_tokens"  # in the session: order number -> token of its mailed link
MOST_TOKENS = 20
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
NOT_HERE = "This browser has no order of that number. Enter the e-mail address you ordered with."
NO_MATCH = "No order has this number and this e-mail address. Check both and try again."
SLOW_DOWN = "Too many tries. Wait a minute, then try again."


@never_cache
@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The status page; a mailed link's token is exchanged for a session entry first."""
    if token := request.GET.get("token"):
        _remember(request, number, token)
        return redirect("order", number)
    try:
        found = _access(request, number)
    except Refused as refusal:
        return _not_found(request, number, refusal)
    return render(request, "orders/order.html", _context(found))


@require_safe
def order_progress(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the status page that changes; 304 while it has not."""
    try:
        found = _access(request, number)
    except Refused as refusal:
        return HttpResponse(status=refusal.status)
    context = _context(found)
    if request.headers.get("If-None-Match", "").strip('"') == context["etag"]:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(request, "components/progress.html", context)
    response["ETag"] = f'"{context["etag"]}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    try:
        orders.cancel(number, **_credentials(request, number))
    except Refused as refusal:
        if refusal.status == 404:
            return _not_found(request, number, refusal)
        messages.error(request, refusal.detail or "This order can no longer be cancelled.")
    except Unavailable:
        messages.error(request, "We could not reach the order. Check its status and try again.")
    return redirect("order", number)


@require_POST
def order_again(request: HttpRequest, number: str) -> HttpResponse:
    """Put an order's products into the cart."""
    try:
        found = _access(request, number)
    except Refused as refusal:
        return _not_found(request, number, refusal)
    wanted = [(line.sku, line.quantity) for line in found.lines]
    put_into_cart(request, wanted)
    return redirect("cart")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """The look-up form and the orders of this browser."""
    if request.method != "POST":
        initial = {"number": request.GET.get("number", "")[:20]}
        return _look_up_page(request, LookUpForm(initial=initial))
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _look_up_page(request, form, status=422)
    wanted = form.cleaned_data
    try:
        number, token = orders.look_up(
            wanted["number"], wanted["email"], subject=guests.ensure(request)
        )
    except Refused as refusal:
        form.add_error(None, SLOW_DOWN if refusal.status == 429 else NO_MATCH)
        return _look_up_page(request, form, status=refusal.status)
    _remember(request, number, token)
    return redirect("order", number)


def _look_up_page(request: HttpRequest, form: LookUpForm, status: int = 200) -> HttpResponse:
    form.mark_wrong()
    context = {"form": form, "orders": _orders_of(guests.known(request))}
    return render(request, "orders/look_up.html", context, status=status)


def _not_found(request: HttpRequest, number: str, refusal: Refused) -> HttpResponse:
    """Foreign and absent orders look the same, and a malformed number like both."""
    if refusal.status not in {400, 404}:
        raise refusal
    messages.info(request, NOT_HERE)
    return _look_up_page(request, LookUpForm(initial={"number": number}), status=404)


def _orders_of(subject: str | None) -> tuple[OrderSummary, ...]:
    if subject is None:
        return ()
    try:
        return orders.orders(subject=subject)
    except UpstreamError:
        return ()


def _access(request: HttpRequest, number: str) -> Order:
    return orders.order(number, **_credentials(request, number))


def _credentials(request: HttpRequest, number: str) -> dict[str, str]:
    token = request.session.get(TOKENS, {}).get(number, "")
    return {"subject": guests.known(request) or orders.NOBODY, "token": token}


def _remember(request: HttpRequest, number: str, token: str) -> None:
    """Keep an order's token; anything else could not be sent as a header, so it is ignored."""
    if not TOKEN.fullmatch(token):
        return
    guests.ensure(request)
    kept = {**request.session.get(TOKENS, {}), number: token}
    request.session[TOKENS] = dict(list(kept.items())[-MOST_TOKENS:])


def _context(order: Order) -> dict[str, object]:
    etag = hashlib.sha256(repr(order).encode()).hexdigest()[:32]
    return {
        "order": order,
        "progress": progress(order),
        "country": country_name(order.address.get("country", "")),
        "etag": etag,
    }
