"""Fingerprints ignore the order of keys and nothing else; keys have a shape."""

import pytest
from django.test import RequestFactory

from order_service.api.request_key import (
    IdempotencyKeyMalformed,
    IdempotencyKeyMissing,
    fingerprint,
    read_key,
)


def test_the_order_of_keys_does_not_matter() -> None:
    first = fingerprint("POST", "/v1/orders", {"a": 1, "b": [1, 2]})
    assert first == fingerprint("POST", "/v1/orders", {"b": [1, 2], "a": 1})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/orders", {"a": [1, 2]}),
        ("POST", "/v1/order", {"a": [1, 2]}),
        ("POST", "/v1/orders", {"a": [2, 1]}),
        ("POST", "/v1/orders", {"a": ["1", 2]}),
    ],
)
def test_anything_else_does(method: str, path: str, body: object) -> None:
    assert fingerprint(method, path, body) != fingerprint("POST", "/v1/orders", {"a": [1, 2]})


def test_a_key_is_read_from_the_header() -> None:
    request = RequestFactory().post("/", headers={"Idempotency-Key": "a-key"})
    assert read_key(request) == "a-key"


def test_a_missing_key_is_named() -> None:
    with pytest.raises(IdempotencyKeyMissing):
        read_key(RequestFactory().post("/"))


@pytest.mark.parametrize("key", ["with space", "x" * 256, "ümlaut"])
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyMalformed):
        read_key(RequestFactory().post("/", headers={"Idempotency-Key": key}))
