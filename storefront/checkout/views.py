"""The pages of the checkout: the way in from the cart, the three steps and the review."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chassis.http import UpstreamError
from storefront import guests, metrics
from storefront.cart.typed import keep_typed
from storefront.cart.views import changed
from storefront.checkout import pages, steps, submitting
from storefront.checkout.context import standing
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.models import Checkout, Standing
from storefront.clients import orders
from storefront.errors import degraded

NOT_CONFIRMED = (
    "We couldn’t confirm prices and stock just now, so we couldn’t continue. What you entered is"
    " saved. Please try again in a moment."
)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Go on where the shopper left off; an order of theirs that is not answered comes first."""
    return _begin(request)


@require_POST
def change_cart(request: HttpRequest) -> HttpResponse:
    """Set the quantities of the cart, and go on to what `start` leads to if its button was pressed.

    Where fewer are left the shopper sees the cart first.
    """
    kept = keep_typed(request)
    if "checkout" in request.POST and not kept.wrong and not kept.is_capped:
        return _begin(request)
    return changed(request, kept)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout_step(request: HttpRequest, name: str) -> HttpResponse:
    step = next((each for each in steps.STEPS if each.name == name), None)
    if step is None:
        raise Http404
    return (_take if request.method == "POST" else _show)(request, step)


@never_cache
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    if standing(request).is_unanswered:
        unanswered = Checkout.objects.unanswered(guests.known(request))
        if unanswered:  # or it has been answered meanwhile
            return submitting.ask_again(request, unanswered)
    return pages.review_page(request)


def _begin(request: HttpRequest) -> HttpResponse:
    metrics.step(request, "checkout_start")
    stands = standing(request)
    return _onwards(CheckoutDraft.of(request), stands)


def _show(request: HttpRequest, step: steps.Step) -> HttpResponse:
    draft = CheckoutDraft.of(request)
    if not _may_enter(step, draft):
        return pages.back_to_open_step(request, draft)
    cart = pages.cart_of(request, draft)
    if not cart.lines:
        return redirect("cart")
    if cart.quote is None:
        return degraded(request, orders.UPSTREAM)
    return pages.step_page(request, step, step.form(None, draft.values(step.name), cart), cart)


def _take(request: HttpRequest, step: steps.Step) -> HttpResponse:
    """Keep what was typed and go on. Nothing is bought yet, so nothing is priced."""
    stands = standing(request)
    draft = CheckoutDraft.of(request)
    if not _may_enter(step, draft):
        return pages.back_to_open_step(request, draft)
    draft.keep(step.name, request.POST, step.fields)
    draft.save(request)
    if not stands.has_lines:
        return redirect("cart")
    try:
        form = step.form(draft.values(step.name), draft.values(step.name))
    except UpstreamError:
        return _not_confirmed(request, step)
    if _accept(request, step, draft, form):
        return _onwards(draft, stands)
    return _show_again(request, step, draft, stands)


def _show_again(
    request: HttpRequest, step: steps.Step, draft: CheckoutDraft, stands: Standing
) -> HttpResponse:
    """The step with its errors, beside the cart with its prices.

    A method that the quote alone knows is new, and is taken after all.
    """
    cart = pages.cart_of(request, draft)
    if cart.quote is None:
        return _not_confirmed(request, step)
    form = step.form(draft.values(step.name), draft.values(step.name), cart)
    if _accept(request, step, draft, form):
        return _onwards(draft, stands)
    return pages.step_page(request, step, form, cart)


def _not_confirmed(request: HttpRequest, step: steps.Step) -> HttpResponse:
    """A redirect, because Django does not save the session of an answer of 500 and above."""
    messages.warning(request, NOT_CONFIRMED)
    return redirect("checkout_step", step.name)


def _accept(
    request: HttpRequest, step: steps.Step, draft: CheckoutDraft, form: steps.StepForm
) -> bool:
    """Whether the form is right; then the step is done."""
    if not form.is_valid():
        return False
    draft.accept(step.name, form.cleaned_data)
    draft.save(request)
    return True


def _onwards(draft: CheckoutDraft, stands: Standing) -> HttpResponse:
    """One redirect to what the shopper does next."""
    step = None if stands.is_unanswered else steps.first_open(draft)
    return redirect("checkout_step", step.name) if step else redirect("checkout_review")


def _may_enter(step: steps.Step, draft: CheckoutDraft) -> bool:
    """A step may be entered, again too, when all steps before it are done."""
    before = steps.STEPS[: steps.STEPS.index(step)]
    return all(one.name in draft.done for one in before)
