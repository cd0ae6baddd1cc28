"""What every template and every step may ask about the shopper's checkout."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from storefront import guests
from storefront.checkout.models import STANDING, Checkout, Standing
from storefront.sessions import SessionStore


def unanswered_order(request: HttpRequest) -> dict[str, Callable[[], Checkout | None]]:
    """`unanswered_order`: what was sent and not answered; only a template that names it asks."""
    return {"unanswered_order": lambda: Checkout.objects.unanswered(guests.known(request))}


def standing(request: HttpRequest) -> Standing:
    """What the shopper has. The same statement reads their session, where the draft is."""
    subject = guests.known(request)
    if subject is None:
        return Standing(has_lines=False, is_unanswered=False)
    assert isinstance(request.session, SessionStore)
    return Standing(*request.session.read_beside(STANDING, {"subject": subject}))
