"""Service tokens: only a fresh EdDSA token of a known caller for this service is believed."""

import base64
import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.auth import Caller, InvalidToken, TokenSigner, verify
from chassis.issuers import Issuer


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key() -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    return encode(key.private_bytes_raw()), encode(key.public_key().public_bytes_raw())


PRIVATE, PUBLIC = new_key()
ISSUERS = {"storefront": Issuer([PUBLIC], frozenset({"orders"}), frozenset({"guest:"}))}


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
    return verify(token, audience="order_service", issuers=ISSUERS)


def test_a_minted_token_names_its_caller() -> None:
    token = TokenSigner("storefront", PRIVATE).mint("order_service", "guest:4711", "orders")
    caller = check(token)
    assert (caller.subject, caller.issuer, caller.scopes) == (
        "guest:4711",
        "storefront",
        frozenset({"orders"}),
    )


def test_a_caller_keeps_a_token_for_half_a_minute_and_for_one_subject(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, signer = SimpleNamespace(now=time.time()), TokenSigner("storefront", PRIVATE)
    monkeypatch.setattr("chassis.auth.time", SimpleNamespace(time=lambda: clock.now))

    def kept(subject: str = "guest:1") -> str:
        return signer.kept("order_service", subject, "orders")

    first = kept()
    clock.now += 29
    assert kept() == first
    other = jwt.decode(kept("guest:2"), options={"verify_signature": False})
    assert (other["sub"], other["exp"]) == ("guest:2", int(clock.now) + 60)
    clock.now += 1
    second = kept()
    assert second != first
    clock.now -= 3600  # a clock that was wrong
    assert kept() != second


def test_what_was_verified_is_verified_until_it_expires() -> None:
    token = forged(exp=int(time.time()) - 3)  # five seconds of skew are borne
    assert [check(token).subject for _ in range(2)] == ["guest:1"] * 2
    until = time.monotonic() + 5

    def check_until_then() -> None:
        while time.monotonic() < until:
            check(token)

    with pytest.raises(InvalidToken):
        check_until_then()


def test_what_was_verified_is_good_for_its_audience_and_its_keys_alone() -> None:
    token = forged()
    check(token)
    with pytest.raises(InvalidToken):
        verify(token, audience="product_service", issuers=ISSUERS)
    withdrawn = {"storefront": replace(ISSUERS["storefront"], keys=[new_key()[1]])}
    with pytest.raises(InvalidToken):
        verify(token, audience="order_service", issuers=withdrawn)


def test_both_keys_are_accepted_during_a_rotation() -> None:
    _, new_public = new_key()
    token = forged()
    issuers = {"storefront": replace(ISSUERS["storefront"], keys=[new_public, PUBLIC])}
    assert verify(token, audience="order_service", issuers=issuers).subject == "guest:1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not a token",
        forged(aud="product_service"),
        forged(iss="stranger"),
        forged(exp=int(time.time()) - 10),
        forged(exp=int(time.time()) + 3600),
        forged(scope="orders reservations"),
        forged(sub="staff:1"),
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
        "scope_that_its_issuer_may_not_have",
        "subject_that_its_issuer_may_not_act_for",
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


def signed(payload: str, header: str = '{"alg":"EdDSA","typ":"JWT"}') -> str:
    """Any text as the payload of a token whose signature is right."""
    key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(PRIVATE + "="))
    content = f"{encode(header.encode())}.{encode(payload.encode())}"
    return f"{content}.{encode(key.sign(content.encode()))}"


def claims(**changes: Any) -> str:
    now = int(time.time())
    valid = {"iss": "storefront", "aud": "order_service", "sub": "guest:1", "scope": "orders"}
    times = {"iat": now, "exp": now + 60}
    return json.dumps({**valid, **times, "jti": "x" * 16, **changes})


NOW = int(time.time())
NO_TIMES = ["soon", str(NOW + 30), NOW + 30.5, True, [NOW], {}, float("inf"), float("nan"), 10**400]
NO_TEXTS = [7, True, 1.5, ["storefront"], ["order_service"], {"a": 1}, float("nan")]


@pytest.mark.parametrize("value", NO_TIMES, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_a_time_is_a_whole_number_of_seconds(claim: str, value: Any) -> None:
    with pytest.raises(InvalidToken):
        check(signed(claims(**{claim: value})))


@pytest.mark.parametrize("value", NO_TEXTS, ids=str)
@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "jti", "scope"])
def test_a_name_is_a_text(claim: str, value: Any) -> None:
    with pytest.raises(InvalidToken):
        check(signed(claims(**{claim: value})))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "jti", "exp", "iat"])
def test_a_claim_that_is_null_is_no_claim(claim: str) -> None:
    with pytest.raises(InvalidToken):
        check(signed(claims(**{claim: None})))


def test_a_token_that_is_not_valid_yet_is_refused() -> None:
    with pytest.raises(InvalidToken):
        check(signed(claims(nbf=int(time.time()) + 30)))
    assert check(signed(claims(nbf=int(time.time())))).subject == "guest:1"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(["iss", "aud", "sub", "scope", "iat", "exp", "nbf", "jti", "crit", "kid"])


@given(changes=st.dictionaries(NAMES, ANY_JSON, min_size=1, max_size=3))
def test_whatever_a_signed_token_claims_it_is_a_caller_or_refused(changes: dict[str, Any]) -> None:
    assert _outcome(signed(claims(**changes)))


@given(header=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64"]), ANY_JSON))
def test_whatever_the_header_says_nothing_breaks(header: dict[str, Any]) -> None:
    assert _outcome(signed(claims(), json.dumps(header)))


@given(payload=ANY_JSON.map(json.dumps) | st.text(max_size=50))
@example(payload="[" * 5000)
@example(payload='{"a":' * 5000)
@example(payload='{"exp":' + "9" * 5000 + "}")
def test_whatever_is_signed_nothing_breaks(payload: str) -> None:
    assert _outcome(signed(payload))
    assert _outcome(signed(claims(), payload))


def _outcome(token: str) -> str:
    try:
        return check(token).subject
    except InvalidToken as refusal:
        return refusal.code
