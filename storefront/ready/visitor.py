"""What a page shows of its visitor: the theme, the pieces in the basket, the token of its forms."""

from __future__ import annotations

import operator
import os
import string
import time
from functools import lru_cache
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string

from storefront.guests import cookie

THEMES = ("system", "light", "dark")

SECRET_LENGTH = 32
SIGNS = (string.ascii_letters + string.digits).encode()
# Random bytes as places in SIGNS, each as likely as the others, and the signs of sums of two.
PLACES = bytes(number % len(SIGNS) for number in range(256))
UNEVEN = bytes(range(256 // len(SIGNS) * len(SIGNS), 256))
PLACE_OF = bytes(max(SIGNS.find(number), 0) for number in range(256))
SIGN_AT = bytes(SIGNS[number % len(SIGNS)] for number in range(256))

csrf = CsrfViewMiddleware(lambda request: HttpResponse())  # for its two halves, called by name


def theme_of(request: HttpRequest) -> str:
    chosen = cookie(request, "theme")
    return chosen if chosen in THEMES else "system"


def basket_count(request: HttpRequest) -> int:
    value = cookie(request, "basket")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 0


@lru_cache(maxsize=128)
def basket_badge(count: int) -> bytes:
    """The number beside the basket, as every page shows it."""
    return render_to_string("components/basket_count.html", {"count": count}).encode()


def csrf_token(request: HttpRequest) -> bytes:
    """What `django.middleware.csrf.get_token` gives, which takes longer than the rest of a page.

    A random mask before the visitor's secret that is masked with it: another token for each page.
    A new visitor gets their secret with the answer. Who has one keeps it as it is: it is good for
    a year, and every page of cart and checkout renews it.
    """
    known: str | None = request.META.get("CSRF_COOKIE")
    secret = known.encode() if known else _random_places().translate(SIGN_AT)
    if not known:
        request.META.update(CSRF_COOKIE=secret.decode(), CSRF_COOKIE_NEEDS_UPDATE=True)
    mask = _random_places()
    masked = bytes(map(operator.add, secret.translate(PLACE_OF), mask))
    return (mask + masked).translate(SIGN_AT)


def give_secret(request: HttpRequest, response: HttpResponse) -> None:
    """The cookie of a new visitor, as Django's CsrfViewMiddleware makes it."""
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        name, secret = settings.CSRF_COOKIE_NAME, request.META["CSRF_COOKIE"]
        cookie = _cookie_of_a_minute(int(time.time() // 60), name).copy()
        cookie.set(name, secret, secret)
        response.cookies[name] = cookie


@lru_cache(maxsize=1)
def _cookie_of_a_minute(minute: int, name: str) -> Morsel[str]:
    """Its value is to be set. It is made anew each minute, for it says when its year ends."""
    request, response = HttpRequest(), HttpResponse()
    request.META = {"CSRF_COOKIE": "", "CSRF_COOKIE_NEEDS_UPDATE": True}
    return csrf.process_response(request, response).cookies[name]


def _random_places() -> bytes:
    found = b""
    while len(found) < SECRET_LENGTH:
        found = os.urandom(2 * SECRET_LENGTH).translate(PLACES, UNEVEN)
    return found[:SECRET_LENGTH]
