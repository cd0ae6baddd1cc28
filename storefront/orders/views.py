"""Order pages: status with live progress, cancel, order again, and look-up."""

from __future__ import annotations

import hashlib
import math
import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chassis.addresses import client_address
from chassis.http import Refused, Unavailable, UpstreamError
from storefront import guests
from storefront.cart.adding import put_into_cart
from storefront.clients import orders
from storefront.clients.order_answers import Order, OrderPage
from storefront.clients.wanted import Wanted
from storefront.offers import country_name
from storefront.orders.forms import LookUpForm
from storefront.orders.progress import progress

TOKENS = "order_tokens"  # in the session: order number -> token of its mailed link
MOST_TOKENS = 500  # 35 KB of a session; an older one is opened by its mail or the form again
MOST_TYPED = 300  # characters of a number that an address may fill in
NOT_THERE = frozenset({400, 404, 410})
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
NOT_HERE = "This browser has no order with that number. Enter the e-mail address you ordered with."
LINK_ENDED = (
    "This link no longer works. Enter your order number and e-mail address below, and we will"
    " send you a new one."
)
MAILED = (
    "We have sent a new link to that address. Please check your inbox: the link opens your order."
)
NO_MATCH = "We found no order with this number and e-mail address. Check both and try again."
SLOW_DOWN = (
    "Too many attempts. Wait {}, then try again, or use the link in our e-mails about the order."
)


NO_SUCH_PAGE = "That page of your orders does not exist. Here are your newest orders."


@never_cache
@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The status page; a mailed link's token is exchanged for a session entry first."""
    if "token" in request.GET:
        return _exchange(request, number, request.GET["token"])
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
    etag = f'"{context["etag"]}"'
    known = get_conditional_response(request, etag=etag)
    response = known or render(request, "components/progress.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    try:
        orders.cancel(number, **_credentials(request, number))
    except Refused as refusal:
        if refusal.status in NOT_THERE:
            return _not_found(request, number, refusal)
        messages.error(request, refusal.detail or "This order can no longer be cancelled.")
    except Unavailable:
        messages.error(request, "We could not reach the order. Check its status and try again.")
    return redirect("order", number)


@require_POST
def order_again(request: HttpRequest, number: str) -> HttpResponse:
    """See that an order's products are in the cart; pressed twice, they are in it once."""
    try:
        found = _access(request, number)
    except Refused as refusal:
        return _not_found(request, number, refusal)
    wanted = [Wanted(line.sku, line.quantity, line.variant_id) for line in found.lines]
    pieces = put_into_cart(request, wanted, is_more=False)
    return redirect("order", number) if pieces is None else redirect("cart")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """The look-up form and the orders of this browser."""
    if request.method != "POST":
        initial = {"number": request.GET.get("number", "")[:MOST_TYPED]}
        return _look_up_page(request, LookUpForm(initial=initial))
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _look_up_page(request, form, status=422)
    wanted = form.cleaned_data
    try:
        found = orders.look_up(
            wanted["number"],
            wanted["email"],
            **_credentials(request, wanted["number"]),
            address=client_address(request),
        )
    except Refused as refusal:
        return _look_up_refused(request, form, refusal)
    if found.token is None:
        messages.success(request, MAILED)
        return redirect("look_up")
    _remember(request, found.number, found.token)
    return redirect("order", found.number)


def _look_up_refused(request: HttpRequest, form: LookUpForm, refusal: Refused) -> HttpResponse:
    if refusal.status != 429:
        form.add_error(None, NO_MATCH)
        return _look_up_page(request, form, status=refusal.status)
    seconds = math.ceil(refusal.retry_after or 60)
    minutes = math.ceil(seconds / 60)
    form.add_error(None, SLOW_DOWN.format("a minute" if minutes <= 1 else f"{minutes} minutes"))
    page = _look_up_page(request, form, status=429)
    page["Retry-After"] = str(seconds)
    return page


def _look_up_page(request: HttpRequest, form: LookUpForm, status: int = 200) -> HttpResponse:
    mine = _my_orders(request, request.GET.get("older", ""))
    context = {"form": form, "mine": mine, "is_newest": "older" not in request.GET}
    return render(request, "orders/look_up.html", context, status=status)


def _not_found(request: HttpRequest, number: str, refusal: Refused) -> HttpResponse:
    """Foreign and absent orders look the same, and a malformed number like both."""
    if refusal.status not in NOT_THERE:
        raise refusal
    has_ended = refusal.code == "link_ended" or request.GET.get("link") == "ended"
    messages.info(request, LINK_ENDED if has_ended else NOT_HERE)
    status = 410 if has_ended else 404
    return _look_up_page(request, LookUpForm(initial={"number": number}), status=status)


def _exchange(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Keep the token of a link if it opens the order; a wrong one changes nothing.

    Either way the shopper is led to an address without it. A HEAD request keeps nothing.
    """
    page = redirect("order", number)
    if request.method == "HEAD" or not TOKEN.fullmatch(token):
        return page
    try:
        orders.order(number, subject=orders.NOBODY, token=token)
    except Refused as refusal:
        if refusal.code == "link_ended":
            page["Location"] += "?link=ended"
        elif refusal.status not in NOT_THERE:
            raise
        return page
    _remember(request, number, token)
    return page


def _access(request: HttpRequest, number: str) -> Order:
    return orders.order(number, **_credentials(request, number))


def _credentials(request: HttpRequest, number: str) -> dict[str, str]:
    token = request.session.get(TOKENS, {}).get(number, "")
    return {"subject": guests.known(request) or orders.NOBODY, "token": token}


def _remember(request: HttpRequest, number: str, token: str) -> None:
    """Keep a token that opens an order, for the orders that were opened last."""
    guests.ensure(request)
    kept = dict(request.session.get(TOKENS, {}))
    kept.pop(number, None)
    request.session[TOKENS] = dict([*kept.items(), (number, token)][-MOST_TOKENS:])


def _context(order: Order) -> dict[str, object]:
    etag = hashlib.sha256(repr(order).encode()).hexdigest()[:32]
    return {
        "order": order,
        "progress": progress(order),
        "country": country_name(order.address.get("country", "")),
        "etag": etag,
    }


def _my_orders(request: HttpRequest, older: str) -> OrderPage | None:
    """The orders of this browser, newest first: the page that `older` of another one asks for.

    None while order_service cannot say: "no orders" would make people order again.
    """
    subject = guests.known(request)
    if subject is None:
        return OrderPage((), older=None)
    try:
        return orders.orders(subject=subject, older=older)
    except UpstreamError as error:
        if not (older and isinstance(error, Refused)):
            return None
    messages.info(request, NO_SUCH_PAGE)
    return _my_orders(request, "")
