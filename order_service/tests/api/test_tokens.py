"""Only a fresh token of the storefront for this service opens anything."""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from pytest_django.fixtures import Settings

from chassis.issuers import decode_key
from order_service.tests.clients import Shopper, problem_of
from tests.effort import third

pytestmark = pytest.mark.django_db

ROUTES = [
    ("post", "/v1/quotes"),
    ("post", "/v1/orders"),
    ("get", "/v1/orders"),
    ("get", "/v1/orders/TC-ABCD2345"),
    ("post", "/v1/orders/TC-ABCD2345/cancel"),
    ("post", "/v1/orders/lookup"),
    ("get", "/v1/shipping-methods"),
    ("get", "/v1/payment-methods"),
    ("get", "/v1/countries"),
]
STOREFRONT_KEY = Ed25519PrivateKey.from_private_bytes(
    decode_key(os.environ["STOREFRONT_SIGNING_KEY"])
)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    valid = {
        "iss": "storefront",
        "aud": "order_service",
        "sub": "guest:ada",
        "scope": "orders",
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }
    return {name: value for name, value in {**valid, **changes}.items() if value is not None}


def signed(**changes: Any) -> str:
    return jwt.encode(claims(**changes), STOREFRONT_KEY, algorithm="EdDSA")


def alg_none() -> str:
    return jwt.encode(claims(), "", algorithm="none")


def hs256_with_the_public_key() -> str:
    """The classic confusion: the public key, known to all, used as an HMAC secret."""
    secret = os.environ["STOREFRONT_PUBLIC_KEYS"].split(",")[0]
    return jwt.encode(claims(), secret, algorithm="HS256")


def forged() -> str:
    return jwt.encode(claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA")


def tampered() -> str:
    header, _, signature = signed().split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims(sub="guest:bob")).encode())
    return f"{header}.{payload.rstrip(b'=').decode()}.{signature}"


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": lambda: signed(iat=int(time.time()) - 70, exp=int(time.time()) - 10),
    "from the future": lambda: signed(iat=int(time.time()) + 60, exp=int(time.time()) + 120),
    "living too long": lambda: signed(exp=int(time.time()) + 3600),
    "for another service": lambda: signed(aud="product_service"),
    "of an unknown issuer": lambda: signed(iss="somebody"),
    "of ourselves": lambda: signed(iss="order_service"),
    "without subject": lambda: signed(sub=None),
    "with an empty subject": lambda: signed(sub=""),
    "without expiry": lambda: signed(exp=None),
    "without audience": lambda: signed(aud=None),
    "without id": lambda: signed(jti=None),
    "alg none": alg_none,
    "hs256": hs256_with_the_public_key,
    "forged": forged,
    "tampered": tampered,
    "nonsense": lambda: "nonsense",
    "empty": lambda: "",
    "not ascii": lambda: "ä.ö.ü",
    "claims of the wrong type": lambda: signed(exp="soon"),
}


def call(client: Client, method: str, path: str, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    if method == "get":
        return client.get(path, headers=headers)
    return client.post(path, "{}", content_type="application/json", headers=headers)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_every_route_is_closed(client: Client, method: str, path: str) -> None:
    response = call(client, method, path, None)

    assert problem_of(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    third((kind, *route) for route in ROUTES for kind in sorted(BAD_TOKENS)),
)
def test_a_bad_token_opens_no_route(client: Client, kind: str, method: str, path: str) -> None:
    client.raise_request_exception = False
    response = call(client, method, path, f"Bearer {BAD_TOKENS[kind]()}")

    assert problem_of(response) == (401, "invalid_token")


@pytest.mark.parametrize("authorization", ["Basic YTpi", "Bearer", "Token x"])
def test_another_scheme_opens_nothing(client: Client, authorization: str) -> None:
    assert problem_of(call(client, "get", "/v1/countries", authorization))[0] == 401


def test_the_clock_may_be_five_seconds_off(client: Client) -> None:
    now = int(time.time())
    token = signed(iat=now - 62, exp=now - 2)

    assert call(client, "get", "/v1/countries", f"Bearer {token}").status_code == 200


def test_a_second_public_key_is_accepted_while_keys_are_rotated(
    ada: Shopper, settings: Settings
) -> None:
    storefront = settings.SERVICE_ISSUERS["storefront"]
    new_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    new = base64.urlsafe_b64encode(new_key).rstrip(b"=").decode()

    settings.SERVICE_ISSUERS = {"storefront": replace(storefront, keys=[new, *storefront.keys])}
    assert ada.get("/v1/countries").status_code == 200
    settings.SERVICE_ISSUERS = {"storefront": replace(storefront, keys=[new])}
    assert ada.get("/v1/countries").status_code == 401
