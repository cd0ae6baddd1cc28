"""Telling a repeated request from a new one."""

from __future__ import annotations

import hashlib
import re

import orjson
from django.http import HttpRequest

from chassis.errors import BadRequest

KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyKeyMissing(BadRequest):
    """Placing an order needs the header Idempotency-Key, so that a repeat places no second one.
    Send a new random UUID for each order, and the same one with each repeat."""

    code, title = "idempotency_key_missing", "The Idempotency-Key header is missing"


class IdempotencyKeyMalformed(BadRequest):
    """An Idempotency-Key has 1 to 255 visible ASCII characters. A UUID is a good one."""

    code, title = "idempotency_key_malformed", "The Idempotency-Key header is malformed"


def read_key(request: HttpRequest) -> str:
    """The request's Idempotency-Key: 1 to 255 visible ASCII characters."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise IdempotencyKeyMissing(
            "Send a value of your own, for example a UUID; repeat it when you repeat the request."
        )
    if not KEY_SHAPE.fullmatch(key):
        raise IdempotencyKeyMalformed("Use 1 to 255 visible ASCII characters without spaces.")
    return key


def fingerprint(method: str, path: str, body: object) -> str:
    """SHA-256 (hex) of what was asked; the order of keys in a JSON body does not matter."""
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), canonical])).hexdigest()
