"""What every template may ask about the checkout."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from storefront import guests
from storefront.checkout.models import Checkout


def unanswered_order(request: HttpRequest) -> dict[str, Callable[[], Checkout | None]]:
    """`unanswered_order`: what was sent and not answered; only a template that names it asks."""
    return {"unanswered_order": lambda: Checkout.objects.unanswered(guests.known(request))}
