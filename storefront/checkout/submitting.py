"""The pay button: sends the attempt to order_service. One cart leads to one order.

What was sent and not answered comes first: it is sent again, under the same key, from whichever
page, and nothing else can be bought until its answer is known.

answer of order_service        page
202, new or replayed           the order's status page
422 idempotency_key_reused     the order that an earlier content of the attempt led to
409 price_changed              the review page that says what changed
no answer, 409 in_flight       "still checking", which sends the same attempt again
never sent                     "not sent", with a button for the same attempt
422 a line or a field          the cart or the step, with the reason
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chassis.http import Refused, Unavailable
from chassis.logs import get_logger
from storefront import guests, metrics
from storefront.cart.models import CartLine
from storefront.checkout import attempts, steps
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.models import Checkout
from storefront.checkout.pages import cart_of, checking_page, review_page, step_page
from storefront.clients import orders
from storefront.clients.wanted import Wanted
from storefront.shell import show_basket_count

log = get_logger(__name__)

OUT_OF_DATE = "That page was out of date, so nothing was ordered. Please check your order again."
PLACED_BEFORE = "This is the order you placed earlier. Nothing else was ordered."
NEVER_ANSWERED = (
    "We couldn’t find out whether your last order went through. Please look under Orders before"
    " you order again."
)


@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    """Send the attempt that the page showed, or first the one that was sent and not answered."""
    subject, (attempt, content) = guests.known(request), _shown(request)
    checkout, unanswered = Checkout.objects.pressed(attempt, subject=subject)
    if checkout and checkout.order_number:
        return redirect("order", checkout.order_number)
    if "tries" not in request.POST:  # the page that sends itself again is no further step
        metrics.step(request, "order_submit")
    if unanswered:
        return ask_again(request, unanswered)
    if checkout and _was_sent_by_the_release_before(request, checkout):
        return _send(request, checkout, is_first=False)
    if checkout is None or not attempts.is_shown(checkout, content=content):
        is_deleted = checkout is None and "tries" in request.POST  # asked about for days
        messages.warning(request, NEVER_ANSWERED if is_deleted else OUT_OF_DATE)
        return redirect("checkout_review")
    if not attempts.mark_sent(checkout):
        return submit(request)  # another tab was faster: look again at what it has left
    return _send(request, checkout, is_first=True)


def _shown(request: HttpRequest) -> tuple[str, str]:
    """The attempt that the page names and the content it showed: `attempt.content` in one field, or
    in two, as pages name them for workers of the version before."""
    attempt, _, content = request.POST.get("attempt", "").partition(".")
    return attempt, content or request.POST.get("content", "")


def ask_again(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """What became of an attempt that was sent before."""
    if attempts.is_too_old(checkout):
        attempts.forget_attempt(checkout)
        messages.warning(request, NEVER_ANSWERED)
        return redirect("checkout_review")
    return _send(request, checkout, is_first=False)


def _was_sent_by_the_release_before(request: HttpRequest, checkout: Checkout) -> bool:
    """Whether its "still checking" page asks on, during an update; it does not set `sent_at`."""
    return checkout.content is None and bool(
        checkout.sent_at or request.POST.get("was_sent") == "1"
    )


def _send(request: HttpRequest, checkout: Checkout, *, is_first: bool) -> HttpResponse:
    try:
        order = orders.place(checkout.body, key=str(checkout.attempt), subject=checkout.subject)
    except Unavailable as error:
        metrics.checkout("timeout" if error.timed_out else "upstream_error")
        return _unanswered(request, checkout, was_sent=not (error.never_sent and is_first))
    except Refused as refusal:
        if not is_first and _knows_less(refusal):
            return _unanswered(request, checkout, was_sent=True)
        is_explained = steps.refused_fields(refusal.errors) is not None
        metrics.checkout(metrics.refused(refusal, is_explained=is_explained))
        return _refused(request, checkout, refusal)
    metrics.checkout("accepted")
    ordered = attempts.ordered_lines(checkout)
    if _shown(request)[1] != checkout.content:
        messages.info(request, PLACED_BEFORE)
    return _placed(request, checkout, order.number, ordered)


def _knows_less(refusal: Refused) -> bool:
    """Whether a pod of the previous version answers: it refuses a new field before it reads the
    key, and so cannot say what became of the order."""
    return any(each.get("code") == "unknown_field" for each in refusal.errors)


def _placed(
    request: HttpRequest, checkout: Checkout, number: str, ordered: Sequence[Wanted]
) -> HttpResponse:
    left = attempts.finish_attempt(checkout, number=number, ordered=ordered)
    draft = CheckoutDraft.of(request)
    draft.reopen("payment")  # the next order is paid on its own
    draft.forget(steps.OF_ONE_ORDER)
    draft.save(request)
    if left is None:
        left = CartLine.objects.pieces_of(checkout.subject)
    return show_basket_count(redirect("order", number), left)


def _placed_before(request: HttpRequest, checkout: Checkout, number: str) -> HttpResponse:
    """A request that was given up as lost or refused has placed its order after all."""
    order = orders.order(number, subject=checkout.subject, token="")
    ordered = [Wanted(line.sku, line.quantity, line.variant_id) for line in order.lines]
    messages.info(request, PLACED_BEFORE)
    return _placed(request, checkout, number, ordered)


def _unanswered(request: HttpRequest, checkout: Checkout, *, was_sent: bool) -> HttpResponse:
    if was_sent:
        attempts.mark_sent(checkout)  # a twin that was never sent may have taken it back
    else:
        attempts.take_back(checkout)
    return checking_page(request, checkout, was_sent=was_sent)


def _refused(request: HttpRequest, checkout: Checkout, refusal: Refused) -> HttpResponse:
    match refusal.code:
        case "idempotency_key_reused" if number := refusal.body.get("order_number"):
            return _placed_before(request, checkout, str(number))
        case "in_flight" | "idempotency_key_reused":
            return _unanswered(request, checkout, was_sent=True)
    attempts.take_back(checkout)
    match refusal.code:
        case "price_changed":
            before = attempts.expected_total(checkout)
            return review_page(request, total_before=before, status=409)
        case "unknown_sku" | "line_unavailable":
            messages.error(
                request, "We no longer sell something in your cart. Please remove it below."
            )
            return redirect("cart")
        case _:
            return _refused_field(request, refusal)


def _refused_field(request: HttpRequest, refusal: Refused) -> HttpResponse:
    found = steps.refused_fields(refusal.errors)
    if found is None:
        log.error("order refused", code=refusal.code, detail=refusal.detail)
        sentence = refusal.detail or "We couldn’t accept your order."
        return review_page(request, refusal=sentence, status=422)
    step, refused = found
    draft = CheckoutDraft.of(request)
    cart = cart_of(request, draft)
    form = step.form(draft.values(step.name), draft.values(step.name), cart)
    form.add_refusals(refused)
    draft.reopen(step.name)
    draft.save(request)
    return step_page(request, step, form, cart)
