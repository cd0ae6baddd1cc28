"""The pages of the checkout: its steps, the review, and the one that asks what became of an order.

Views and the pay button build their answers here, so neither needs the other.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chassis.money import Money
from storefront import guests, offers
from storefront.cart.contents import HOME_COUNTRY, Contents, contents
from storefront.cart.models import CartLine
from storefront.checkout import steps
from storefront.checkout.attempts import expected_total, open_attempt
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.models import Checkout
from storefront.clients import orders
from storefront.errors import degraded

NOT_OFFERED = "The delivery method you chose is no longer available. Please choose another one."
CHANGED = "Something in your cart changed while you were checking out. Please check it."
MOST_TRIES = 5  # "still checking" sends itself this often, then waits for the shopper


def cart_of(request: HttpRequest, draft: CheckoutDraft, *, is_promise: bool = False) -> Contents:
    """The cart with prices for the country and delivery that were chosen, or the usual ones."""
    chosen = draft.delivery if "delivery" in draft.done else {}
    return contents(
        guests.known(request),
        country=chosen.get("country") or HOME_COUNTRY,
        shipping_method=chosen.get("shipping_method"),
        is_promise=is_promise,
    )


def back_to_open_step(request: HttpRequest, draft: CheckoutDraft) -> HttpResponse:
    """A redirect to the first step that is not done, with a notice that says so.

    With an empty cart there is no notice: that step leads on to the cart, which says it is empty.
    """
    step = steps.first_open(draft)
    assert step is not None
    if CartLine.objects.of(guests.known(request)):
        messages.info(request, f"Please complete this step first: {step.title}.")
    return redirect("checkout_step", step.name)


def step_page(
    request: HttpRequest, step: steps.Step, form: steps.StepForm, cart: Contents
) -> HttpResponse:
    """A step with its form; 422 if the form has errors."""
    context = {"step": step, "steps": steps.STEPS, "form": form, "cart": cart}
    status = 422 if form.errors else 200
    return render(request, f"checkout/{step.name}.html", context, status=status)


def review_page(
    request: HttpRequest, *, total_before: Money | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """The order as it will be placed, frozen in the open attempt.

    `total_before` is the total that the shopper saw and that has changed since; `refusal` is the
    sentence of order_service that refused it.
    """
    draft = CheckoutDraft.of(request)
    if steps.first_open(draft):
        return back_to_open_step(request, draft)
    cart = cart_of(request, draft, is_promise=True)
    if cart.blocked:
        messages.warning(request, CHANGED)
    if not cart.lines or cart.blocked:
        return redirect("cart")
    if cart.quote is None:
        return degraded(request, orders.UPSTREAM)
    if cart.quote.shipping is None:
        messages.warning(request, NOT_OFFERED)
        draft.reopen("delivery")
        draft.save(request)
        return redirect("checkout_step", "delivery")
    attempt = open_attempt(
        subject=guests.ensure(request), draft=draft, cart=cart, total=cart.quote.total
    )
    if attempt.sent_at:  # another tab has pressed the button meanwhile
        return redirect("checkout_review")
    context = {
        "cart": cart,
        "draft": draft,
        "attempt": attempt,
        "steps": steps.STEPS,
        "country": offers.country_name(draft.delivery["country"]),
        "payment": _payment_name(draft.payment["payment_token"]),
        "total_before": total_before,
        "refusal": refusal,
    }
    return render(request, "checkout/review.html", context, status=status)


def checking_page(request: HttpRequest, checkout: Checkout, *, was_sent: bool) -> HttpResponse:
    """The page that sends the same attempt again: by itself if it was sent, else by a button."""
    given = request.POST.get("tries", "")
    tries = int(given) + 1 if given.isascii() and given.isdigit() and len(given) < 3 else 1
    context = {
        "checkout": checkout,
        "total": expected_total(checkout),
        "was_sent": was_sent,
        "tries": tries,
        "repeat_after_seconds": 2 * tries if tries <= MOST_TRIES else None,
    }
    response = render(request, "checkout/checking.html", context, status=503)
    response["Retry-After"] = "2"
    return response


def _payment_name(code: str) -> str:
    return next((each.name for each in offers.payment_methods() if each.code == code), code)
