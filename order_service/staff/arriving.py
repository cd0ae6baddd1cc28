"""A browser on its way through the sign-in at product_service.

A signed cookie of an hour keeps, for each tab that was sent there, a secret and the page to come
back to. Only the digest of the secret travels in addresses. It comes back beside the code, so that
a code that was given to another browser opens nothing here.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "order_service.arriving"
AGE = timedelta(hours=1)
MOST_TABS = 5


def send_off(request: HttpRequest, response: HttpResponse, secret: str, page: str) -> None:
    """Have the browser remember `secret` and the page of this back office that it wants."""
    waiting = {**_waiting(request), challenge_of(secret): [secret, page[:500]]}
    _remember(response, dict([*waiting.items()][-MOST_TABS:]))


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def challenge_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def expected(request: HttpRequest, challenge: str) -> tuple[str, str] | None:
    """The secret behind `challenge` and the page to show, if this browser was sent off with it."""
    found = _waiting(request).get(challenge)
    return (found[0], found[1]) if found else None


def arrived(request: HttpRequest, response: HttpResponse, challenge: str) -> None:
    """Forget the secret: it is of no more use."""
    left = {name: kept for name, kept in _waiting(request).items() if name != challenge}
    _remember(response, left)


def _waiting(request: HttpRequest) -> dict[str, list[str]]:
    try:
        kept: dict[str, list[str]] = signing.loads(
            request.COOKIES.get(_cookie_name(), ""), salt=SALT, max_age=AGE
        )
    except signing.BadSignature:
        return {}
    return kept


def _remember(response: HttpResponse, waiting: dict[str, list[str]]) -> None:
    response.set_cookie(
        _cookie_name(),
        signing.dumps(waiting, salt=SALT),
        max_age=AGE if waiting else 0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name() -> str:
    return f"{settings.SESSION_COOKIE_NAME}_arriving"
