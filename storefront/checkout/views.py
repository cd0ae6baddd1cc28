"""The steps of the checkout. The page after them is in review.py, and placing.py orders."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from storefront import guests, metrics
from storefront.cart import delivery
from storefront.cart.contents import HOME_COUNTRY, Contents, contents
from storefront.cart.models import CartLine
from storefront.checkout import offers, steps
from storefront.checkout.draft import Draft
from storefront.checkout.forms import StepForm
from storefront.checkout.models import Checkout
from storefront.clients import orders
from storefront.errors import degraded

NOT_CONFIRMED = (
    "We couldn't confirm prices and stock just now, so we couldn't continue. What you entered is"
    " saved. Please try again in a moment."
)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Go on where the shopper left off; an order of theirs that is not answered comes first."""
    if "/checkout/" not in request.headers.get("Referer", ""):  # each step comes by here again
        metrics.step(request, "checkout_start")
    if Checkout.objects.unanswered(guests.known(request)):
        return redirect("checkout_review")
    step = steps.first_open(Draft.of(request))
    return redirect("checkout_step", step.name) if step else redirect("checkout_review")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout_step(request: HttpRequest, name: str) -> HttpResponse:
    step = steps.step_called(name)
    if step is None:
        raise Http404
    draft = Draft.of(request)
    if not _may_enter(step, draft):
        return send_back(request, draft)
    if request.method == "POST":
        draft.keep(step.name, request.POST, step.fields)
        draft.save(request)
    cart = cart_of(request, draft)
    if not cart.lines:
        return redirect("cart")
    if cart.quote is None and request.method == "POST":
        # A redirect, because Django does not save the session of an answer of 500 and above.
        messages.warning(request, NOT_CONFIRMED)
        return redirect("checkout_step", name)
    if cart.quote is None:
        return degraded(request, orders.UPSTREAM)
    if request.method != "POST":
        return step_page(request, step, step.form(None, draft, cart), cart)
    return _judge(request, step, draft, cart)


def send_back(request: HttpRequest, draft: Draft) -> HttpResponse:
    """To the first step that is not done, and why; to an empty cart without a word, for it has
    its own."""
    step = steps.first_open(draft)
    assert step is not None
    if CartLine.objects.of(guests.known(request)):
        messages.info(request, f"Please complete this step first: {step.title}.")
    return redirect("checkout_step", step.name)


def step_page(
    request: HttpRequest, step: steps.Step, form: StepForm, cart: Contents
) -> HttpResponse:
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


def cart_of(request: HttpRequest, draft: Draft) -> Contents:
    """The cart with prices for the country and delivery that were chosen, or the usual ones."""
    subject = guests.known(request)
    chosen = draft.delivery if "delivery" in draft.done else {}
    return contents(
        CartLine.objects.of(subject),
        subject=subject or "",
        country=chosen.get("country") or HOME_COUNTRY,
        shipping_method=chosen.get("shipping_method") or delivery.usual_method(),
    )


def _judge(request: HttpRequest, step: steps.Step, draft: Draft, cart: Contents) -> HttpResponse:
    form = step.form(draft.values(step.name), draft, cart)
    if not form.is_valid():
        return step_page(request, step, form, cart)
    draft.accept(step.name, form.cleaned_data)
    draft.save(request)
    return redirect("checkout")


def _may_enter(step: steps.Step, draft: Draft) -> bool:
    """A step may be entered, again too, when all steps before it are done."""
    before = steps.STEPS[: steps.STEPS.index(step)]
    return all(one.name in draft.done for one in before)
