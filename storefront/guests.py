"""Who a guest is: a random id in a signed cookie of 90 days, apart from the session.

The subject `guest:<id>` owns the cart, the checkout attempts and the orders of one browser. The
cookie is set when a guest first does something that must be remembered, never by browsing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "storefront.guest"
SET = "storefront.guest"  # in request.META: the id that the answer's cookie will carry


def cookie_name(name: str) -> str:
    """`name` with the service's name and, on https, the `__Host-` prefix."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}storefront_{name}"


def known(request: HttpRequest) -> str | None:
    """The guest's subject, or None for a browser that has done nothing yet."""
    guest_id = request.META.get(SET) or _from_cookie(request)
    return f"guest:{guest_id}" if guest_id else None


def ensure(request: HttpRequest) -> str:
    """The guest's subject; a new guest gets the cookie, a known one gets it for 90 days more."""
    guest_id = request.META.get(SET) or _from_cookie(request) or secrets.token_hex(16)
    request.META[SET] = guest_id
    return f"guest:{guest_id}"


def _from_cookie(request: HttpRequest) -> str | None:
    value = request.COOKIES.get(cookie_name("guest"), "")
    try:
        guest_id: str = signing.loads(value, salt=SALT, max_age=settings.GUEST_COOKIE_AGE)
    except signing.BadSignature:
        return None
    return guest_id


class GuestMiddleware:
    """Writes the cookie of a guest that `ensure` has named."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if guest_id := request.META.get(SET):
            response.set_cookie(
                cookie_name("guest"),
                signing.dumps(guest_id, salt=SALT),
                max_age=settings.GUEST_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
