"""Who a guest is: a random id in a signed cookie of 90 days, apart from the session.

The subject `guest:<id>` owns the cart, the checkout attempts and the orders of one browser. The
cookie is set when a guest first does something that must be remembered, never by browsing.

A shop that moves to https reads the cookie that it set over http once more, and sets its own in
its place (docs/decisions/0018).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "storefront.guest"
MARK = b" "  # behind the JSON of a guest that a shop on https has signed
SET = "storefront.guest"  # in request.META: the id that the answer's cookie will carry
READ = "storefront.guest_of_cookie"  # in request.META: the id of the request's cookie


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


def keep_cookie(response: HttpResponseBase, name: str, value: str, age: timedelta) -> None:
    """Set a cookie that no script can read."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=age,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


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
    if READ not in request.META:
        request.META[READ] = _read_cookie(request)
    guest_id: str | None = request.META[READ]
    return guest_id


def _read_cookie(request: HttpRequest) -> str | None:
    guest_id = _opened(request, cookie_name("guest"), signing.JSONSerializer)
    if guest_id is None and settings.SESSION_COOKIE_SECURE:
        guest_id = _opened(request, http_name("guest"), Plain)
        if guest_id is not None:
            request.META[SET] = guest_id  # from now on under the name of https
    return guest_id


def _opened(
    request: HttpRequest, name: str, serializer: type[signing.JSONSerializer]
) -> str | None:
    value, age = request.COOKIES.get(name, ""), settings.GUEST_COOKIE_AGE
    try:
        guest_id: str = signing.loads(value, salt=SALT, serializer=serializer, max_age=age)
    except signing.BadSignature:
        return None
    return guest_id


class Plain(signing.JSONSerializer):
    """The guest of a shop on http."""

    def loads(self, data: bytes) -> Any:
        if data.endswith(MARK):
            raise signing.BadSignature("It was signed by a shop on https.")
        return super().loads(data)


class Marked(signing.JSONSerializer):
    """The guest of a shop on https, with a mark that the previous version ignores.

    Anybody between browser and shop can plant a cookie under the name of http, which has no
    prefix. So an id that a shop on https has signed is not accepted under that name.
    """

    def dumps(self, obj: Any) -> bytes:
        return super().dumps(obj) + MARK


class GuestMiddleware:
    """Writes the cookie of a guest that `ensure` has named."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if guest_id := request.META.get(SET):
            is_https = settings.SESSION_COOKIE_SECURE
            signed = signing.dumps(guest_id, salt=SALT, serializer=Marked if is_https else Plain)
            keep_cookie(response, "guest", signed, settings.GUEST_COOKIE_AGE)
            if is_https and http_name("guest") in request.COOKIES:
                response.delete_cookie(http_name("guest"))
        return response
