"""The pages of the checkout: its steps, the review, and the one that asks what became of an order.

Views and the pay button build their answers here, so neither needs the other.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chassis.money import Money
from storefront import guests
from storefront.cart import delivery
from storefront.cart.contents import HOME_COUNTRY, Contents, contents
from storefront.cart.models import CartLine
from storefront.checkout import offers, steps
from storefront.checkout.attempts import expected_total, open_attempt
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.forms import StepForm
from storefront.checkout.models import Checkout
from storefront.clients import orders
from storefront.clients.order_answers import Quote
from storefront.errors import degraded

NOT_OFFERED = "The delivery that you chose is no longer offered. Please choose another one."
CHANGED = "Something in your cart changed while you were checking out. Please check it."
MOST_TRIES = 5  # "still checking" sends itself this often, then waits for the shopper


def cart_of(request: HttpRequest, draft: CheckoutDraft) -> Contents:
    """The cart with prices for the country and delivery that were chosen, or the usual ones."""
    subject = guests.known(request)
    chosen = draft.delivery if "delivery" in draft.done else {}
    return contents(
        CartLine.objects.of(subject),
        subject=subject or "",
        country=chosen.get("country") or HOME_COUNTRY,
        shipping_method=chosen.get("shipping_method") or delivery.usual_method(),
    )


def to_next_step(draft: CheckoutDraft) -> HttpResponse:
    """A redirect to the first step that is not done, or to the review."""
    step = steps.first_open(draft)
    return redirect("checkout_step", step.name) if step else redirect("checkout_review")


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
    request: HttpRequest, step: steps.Step, form: StepForm, cart: Contents
) -> HttpResponse:
    """A step with its form; 422 if the form has errors."""
    form.mark_wrong()
    context = {
        "step": step,
        "steps": steps.STEPS,
        "form": form,
        "cart": cart,
        "quote": cart.quote,
        "payment_methods": offers.payment_methods() if step.name == "payment" else (),
    }
    status = 422 if form.errors else 200
    return render(request, f"checkout/{step.name}.html", context, status=status)


def review_page(
    request: HttpRequest,
    *,
    total_before: Money | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The order as it will be placed, frozen in the open attempt.

    `total_before` is the total that the shopper saw and that has changed since; `refusal` is the
    sentence of order_service that refused it.
    """
    draft = CheckoutDraft.of(request)
    if steps.first_open(draft):
        return back_to_open_step(request, draft)
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
        **_names_of_choices(draft, cart.quote),
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


def _choose_delivery_again(request: HttpRequest, draft: CheckoutDraft) -> HttpResponse:
    messages.warning(request, NOT_OFFERED)
    draft.reopen("delivery")
    draft.save(request)
    return redirect("checkout_step", "delivery")


def _names_of_choices(draft: CheckoutDraft, quote: Quote) -> dict[str, str]:
    method, token = draft.delivery["shipping_method"], draft.payment["payment_token"]
    return {
        "country": offers.country_name(draft.delivery["country"]),
        "method": _name_of(quote.shipping_methods, "code", method),
        "payment": _name_of(offers.payment_methods(), "token", token),
    }


def _name_of(offers: tuple[Any, ...], key: str, chosen: str) -> str:
    return next((one.name for one in offers if getattr(one, key) == chosen), chosen)
