"""The steps of the checkout and the review page. Placing the order is in placing.py."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from storefront import guests, metrics
from storefront.cart.contents import HOME_COUNTRY, Contents, contents
from storefront.cart.models import CartLine
from storefront.checkout import offers, steps
from storefront.checkout.attempts import open_attempt
from storefront.checkout.draft import Draft
from storefront.checkout.forms import StepForm
from storefront.clients import orders
from storefront.errors import degraded


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Go on where the shopper left off."""
    if "/checkout/" not in request.headers.get("Referer", ""):  # each step comes by here again
        metrics.step(request, "checkout_start")
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
        return redirect("checkout")
    if request.method == "POST":
        draft.keep(step.name, request.POST, step.fields)
        draft.save(request)
    cart = cart_of(request, draft)
    if not cart.lines:
        return redirect("cart")
    if cart.quote is None and request.method == "POST":
        # A redirect, because Django does not save the session of an answer of 500 and above.
        return redirect("checkout_step", name)
    if cart.quote is None:
        return degraded(request, orders.UPSTREAM)
    if request.method != "POST":
        return step_page(request, step, step.form(None, draft, cart), cart)
    return _judge(request, step, draft, cart)


@never_cache
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    return review_page(request, {})


def review_page(request: HttpRequest, said: dict[str, Any], status: int = 200) -> HttpResponse:
    """The order as it will be placed, under a new attempt; `said` is what has changed."""
    draft = Draft.of(request)
    if steps.first_open(draft):
        return redirect("checkout")
    cart = cart_of(request, draft)
    if not cart.lines or cart.blocked:
        return redirect("cart")
    if cart.quote is None or cart.quote.shipping is None:
        return degraded(request, orders.UPSTREAM)
    attempt = open_attempt(
        subject=guests.ensure(request), draft=draft, cart=cart, total=cart.quote.total
    )
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
    """The cart with prices for the country and delivery that were chosen so far."""
    subject = guests.known(request)
    chosen = draft.delivery if "delivery" in draft.done else {}
    return contents(
        CartLine.objects.of(subject),
        subject=subject or "",
        country=chosen.get("country") or HOME_COUNTRY,
        shipping_method=chosen.get("shipping_method"),
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


def _name_of(offers: tuple[Any, ...], key: str, chosen: str) -> str:
    return next((one.name for one in offers if getattr(one, key) == chosen), chosen)
