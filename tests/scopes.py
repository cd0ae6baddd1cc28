"""Issuer x scope x route: who gets in where, asked of a service over HTTP.

A service's test declares for each of its routes the scope that it needs, or PUBLIC, and for each
issuer the scopes that it may claim. The declared routes are compared with the URL list, and each
route is asked by each issuer with each set of scopes.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chassis.auth import TokenSigner

Route = tuple[str, str]  # method, path as the URL list spells it
Claims = tuple[str, str]  # issuer, scopes separated by spaces
PUBLIC = ""
NOBODY = "nobody"  # sends no token
STAFF_ONLY = ("admin/",)  # sessions of staff, no service tokens; see the tests of the admin

SIGNERS = {
    "storefront": ("STOREFRONT_SIGNING_KEY", "guest:ada"),
    "order_service": ("ORDER_SERVICE_SIGNING_KEY", "service:order_service"),
    "stranger": ("STOREFRONT_SIGNING_KEY", "guest:ada"),
}
SCOPES = ("", "orders", "reservations", "staff", "orders reservations", "orders admin", "*")
CLAIMS: Sequence[Claims] = ((NOBODY, ""), *product(SIGNERS, SCOPES))
SAMPLES = {"uuid": str(uuid.UUID(int=7)), "slug": "kettle", "str": "TC-ABCD2345"}


def routes() -> set[Route]:
    """Every route of the service that these settings belong to, with each method it has."""
    return set(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for each in patterns:
        path = f"{prefix}{each.pattern}"
        if path.startswith(STAFF_ONLY):
            continue
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
            continue
        view = getattr(each.callback, "view_class", None)
        methods = [name for name in view.http_method_names if hasattr(view, name)] if view else []
        yield from ((name.upper(), path) for name in methods or ["get"] if name != "options")


def outcome(route: Route, claims: Claims) -> tuple[int, str]:
    """(401 or 403, code) of the refusal, or (200, "") when the route was reached."""
    method, pattern = route
    path = re.sub(r"<(\w+):\w+>", lambda match: SAMPLES[match[1]], pattern)
    answer = Client().generic(
        method, f"/{path}", "{}", content_type="application/json", headers=_headers(claims)
    )
    is_refused = answer.status_code in (401, 403)
    return (answer.status_code, answer.json()["code"]) if is_refused else (200, "")


def expected(needed: str, claims: Claims, allowed: Mapping[str, set[str]]) -> tuple[int, str]:
    """What `outcome` must be at a route that needs the scope `needed`."""
    issuer, text = claims
    scopes = set(text.split())
    if needed == PUBLIC:
        return 200, ""
    if issuer == NOBODY:
        return 401, "not_authenticated"
    if issuer not in allowed or not scopes <= allowed[issuer]:
        return 401, "invalid_token"
    return (200, "") if needed in scopes else (403, "insufficient_scope")


def _headers(claims: Claims) -> dict[str, str]:
    issuer, scopes = claims
    if issuer == NOBODY:
        return {}
    variable, subject = SIGNERS[issuer]
    signer = TokenSigner(issuer, os.environ[variable])
    token = signer.mint(settings.SERVICE_AUDIENCE, subject, scopes)
    return {"Authorization": f"Bearer {token}"}
