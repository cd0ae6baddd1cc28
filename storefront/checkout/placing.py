"""Pressing the pay button: one attempt leads to one order, however often it is sent.

answer of order_service        page
202, new or replayed           the order's status page
409 price_changed              a new review page that says what changed
no answer, 409 in_flight       "still checking", which sends the same attempt again
never sent                     "not sent", with a button for the same attempt
422 a line or a field          the cart or the step, with the reason
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chassis.http import Refused, Unavailable
from chassis.logs import get_logger
from chassis.money import Money
from storefront import guests, metrics
from storefront.cart.models import CartLine
from storefront.checkout import steps
from storefront.checkout.attempts import find_attempt, finish_attempt
from storefront.checkout.draft import Draft
from storefront.checkout.models import Checkout
from storefront.checkout.views import cart_of, review_page, step_page
from storefront.clients import orders
from storefront.shell import show_basket_count

log = get_logger(__name__)

OUT_OF_DATE = "That page was out of date. Please check your order once more."
MOST_TRIES = 5  # the page sends itself this often, then waits for the shopper


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    checkout = find_attempt(subject=guests.known(request), attempt=request.POST.get("attempt", ""))
    if checkout is None:
        messages.warning(request, OUT_OF_DATE)
        return redirect("checkout_review")
    if checkout.order_number:
        return redirect("order", checkout.order_number)
    if "tries" not in request.POST:  # the page that sends itself again is no further step
        metrics.step(request, "order_submit")
    try:
        order = orders.place(checkout.body, key=str(checkout.attempt), subject=checkout.subject)
    except Unavailable as error:
        metrics.checkout(metrics.unanswered(error))
        return _still_checking(request, checkout, was_sent=not error.never_sent)
    except Refused as refusal:
        is_explained = steps.refused_fields(refusal.errors) is not None
        metrics.checkout(metrics.refused(refusal, is_explained=is_explained))
        return _refused(request, checkout, refusal)
    metrics.checkout("accepted")
    return _placed(request, checkout, order.number)


def _placed(request: HttpRequest, checkout: Checkout, number: str) -> HttpResponse:
    finish_attempt(checkout, number=number)
    draft = Draft.of(request)
    draft.reopen("payment")  # the next order is paid on its own
    draft.save(request)
    left = sum(line.quantity for line in CartLine.objects.of(checkout.subject))
    return show_basket_count(redirect("order", number), left)


def _still_checking(request: HttpRequest, checkout: Checkout, *, was_sent: bool) -> HttpResponse:
    given = request.POST.get("tries", "")
    tries = int(given) + 1 if given.isascii() and given.isdigit() and len(given) < 3 else 1
    context = {
        "checkout": checkout,
        "total": _expected(checkout),
        # An earlier try may have arrived: then nobody may say that nothing was ordered.
        "was_sent": was_sent or request.POST.get("was_sent") == "1",
        "tries": tries,
        "repeat_after_seconds": 2 * tries if tries <= MOST_TRIES else None,
    }
    response = render(request, "checkout/checking.html", context, status=503)
    response["Retry-After"] = "2"
    return response


def _refused(request: HttpRequest, checkout: Checkout, refusal: Refused) -> HttpResponse:
    match refusal.code:
        case "price_changed":
            return review_page(request, {"total_before": _expected(checkout)}, status=409)
        case "in_flight":
            return _still_checking(request, checkout, was_sent=True)
        case "unknown_sku" | "line_unavailable":
            messages.error(request, "Something in your cart is no longer sold; see below.")
            return redirect("cart")
        case _:
            return _refused_field(request, refusal)


def _refused_field(request: HttpRequest, refusal: Refused) -> HttpResponse:
    found = steps.refused_fields(refusal.errors)
    if found is None:
        log.error("order refused", code=refusal.code, detail=refusal.detail)
        sentence = refusal.detail or "Your order was not accepted. Nothing was charged."
        return review_page(request, {"refusal": sentence}, status=422)
    step, refused = found
    draft = Draft.of(request)
    cart = cart_of(request, draft)
    form = step.form(draft.values(step.name), draft, cart)
    form.add_refusals(refused)
    draft.reopen(step.name)
    draft.save(request)
    return step_page(request, step, form, cart)


def _expected(checkout: Checkout) -> Money:
    return Money.from_wire(checkout.body["expected_total"])
