"""Who a guest is: a random id in a signed cookie of 90 days, apart from the session.

The subject `guest:<id>` owns the cart, the checkout attempts and the orders of one browser. The
cookie is set when a guest first does something that must be remembered, never by browsing.

A shop that moves to https reads the cookie that it set over http once more, and sets its own in
its place (docs/decisions/0018).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "storefront.guest"
# Over https a guest is signed otherwise. Anybody on the way can plant a cookie under the name of
# http, which has no prefix; what an https shop has signed is no guest there.
SALT_HTTPS = "storefront.guest.https"
SET = "storefront.guest"  # in request.META: the id that the answer's cookie will carry


def cookie_name(name: str) -> str:
    """`name` with the service's name and, on https, the `__Host-` prefix."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}{http_name(name)}"


def http_name(name: str) -> str:
    """What the cookie is called in a shop on http, and was called before the shop had https."""
    return f"storefront_{name}"


def cookie(request: HttpRequest, name: str) -> str:
    """The value of a cookie that may be planted without harm; "" if there is none."""
    return request.COOKIES.get(cookie_name(name)) or request.COOKIES.get(http_name(name), "")


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
    if not settings.SESSION_COOKIE_SECURE:
        return _opened(value, SALT)
    # Until all were signed otherwise, SALT was that of https as well.
    return _opened(value, SALT_HTTPS) or _opened(value, SALT) or _from_http(request)


def _from_http(request: HttpRequest) -> str | None:
    """The guest of this browser from before the shop had https, who goes on as the same one."""
    guest_id = _opened(request.COOKIES.get(http_name("guest"), ""), SALT)
    if guest_id:
        request.META[SET] = guest_id
    return guest_id


def _opened(value: str, salt: str) -> str | None:
    try:
        guest_id: str = signing.loads(value, salt=salt, max_age=settings.GUEST_COOKIE_AGE)
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
            is_https = settings.SESSION_COOKIE_SECURE
            response.set_cookie(
                cookie_name("guest"),
                signing.dumps(guest_id, salt=SALT_HTTPS if is_https else SALT),
                max_age=settings.GUEST_COOKIE_AGE,
                secure=is_https,
                httponly=True,
                samesite="Lax",
            )
            if is_https and http_name("guest") in request.COOKIES:
                response.delete_cookie(http_name("guest"))
        return response
