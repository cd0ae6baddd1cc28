"""Browsers in which somebody has signed in before: guesses made elsewhere do not lock them out.

A signed cookie of 90 days holds the accounts that signed in here last, each with a random id of
this browser. It signs nobody in: tries from a known browser are counted apart from all others.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "chassis.known_device"
AGE = timedelta(days=90)
MOST_ACCOUNTS = 5


def device_of(request: HttpRequest, account: str) -> str | None:
    """The id under which this browser is known to `account`, or None."""
    return _known(request).get(account)


def remember_device(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """Have the browser known to `account`, which has just signed in."""
    known = _known(request)
    device = known.pop(account, None) or secrets.token_hex(16)
    kept = dict([*known.items(), (account, device)][-MOST_ACCOUNTS:])
    response.set_cookie(
        _cookie_name(),
        signing.dumps(kept, salt=SALT),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    value = request.COOKIES.get(_cookie_name(), "")
    try:
        known: dict[str, str] = signing.loads(value, salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return {}
    return known


def _cookie_name() -> str:
    return f"{settings.SESSION_COOKIE_NAME}_device"
