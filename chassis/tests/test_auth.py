"""Service tokens: only a fresh EdDSA token of a known caller for this service is believed."""

import base64
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.auth import Caller, InvalidToken, TokenSigner, verify


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key() -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    return encode(key.private_bytes_raw()), encode(key.public_key().public_bytes_raw())


PRIVATE, PUBLIC = new_key()
KEYS = {"storefront": [PUBLIC]}


def forged(**changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "storefront",
        "aud": "order_service",
        "sub": "guest:1",
        "scope": "orders",
        "iat": now,
        "exp": now + 60,
        "jti": "x" * 16,
        **changes,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    raw = base64.urlsafe_b64decode(PRIVATE + "=")
    return jwt.encode(given, Ed25519PrivateKey.from_private_bytes(raw), algorithm="EdDSA")


def check(token: str) -> Caller:
    return verify(token, audience="order_service", public_keys=KEYS)


def test_a_minted_token_names_its_caller() -> None:
    token = TokenSigner("storefront", PRIVATE).mint("order_service", "guest:4711", "orders")
    caller = check(token)
    assert (caller.subject, caller.issuer, caller.scopes) == (
        "guest:4711",
        "storefront",
        frozenset({"orders"}),
    )


def test_both_keys_are_accepted_during_a_rotation() -> None:
    _, new_public = new_key()
    token = forged()
    keys = {"storefront": [new_public, PUBLIC]}
    assert verify(token, audience="order_service", public_keys=keys).subject == "guest:1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not a token",
        forged(aud="product_service"),
        forged(iss="stranger"),
        forged(exp=int(time.time()) - 10),
        forged(exp=int(time.time()) + 3600),
        forged(sub=None),
        forged(sub=""),
        forged(jti=None),
        forged(exp=None),
        jwt.encode({"iss": "storefront", "aud": "order_service", "sub": "guest:1"}, "", "none"),
        jwt.encode(
            {"iss": "storefront", "aud": "order_service", "sub": "guest:1", "exp": 9999999999},
            PUBLIC,
            "HS256",
        ),
    ],
    ids=[
        "empty",
        "no_jwt",
        "other_audience",
        "unknown_issuer",
        "expired",
        "lives_too_long",
        "no_subject",
        "empty_subject",
        "no_jti",
        "no_expiry",
        "alg_none",
        "hs256_with_the_public_key",
    ],
)
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        check(token)


def test_a_token_signed_by_a_stranger_is_refused() -> None:
    stranger, _ = new_key()
    token = TokenSigner("storefront", stranger).mint("order_service", "guest:1", "orders")
    with pytest.raises(InvalidToken):
        check(token)
