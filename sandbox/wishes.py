"""What the shop sent, read and checked. Each function raises Refusal and says what to send."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.refusals import Refusal
from sandbox.tokens import TOKENS

MAX_AMOUNT = 10**12
KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,255}")


def key(headers: Message) -> str:
    """The idempotency key."""
    value = headers.get("Idempotency-Key", "")
    if not KEY_SHAPE.fullmatch(value):
        raise Refusal(400, "idempotency_key_missing", "Send the header Idempotency-Key.")
    return value


def json_body(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "malformed_json", "The body is not a JSON object.")
    return body


def authorization(content: bytes) -> dict[str, Any]:
    """What is to be authorized."""
    body = json_body(content)
    wish = {"amount": amount(body), "return_url": ""}
    for name in ("currency", "token", "reference"):
        if not isinstance(body.get(name), str):
            raise Refusal(400, "invalid", f"Give {name} as text.")
        wish[name] = body[name]
    if wish["token"] not in TOKENS:
        raise Refusal(422, "unknown_token", "This payment token does not exist.")
    if isinstance(body.get("return_url"), str):
        wish["return_url"] = body["return_url"]
    return wish


def amount(body: Mapping[str, Any]) -> int:
    value = body.get("amount")
    if type(value) is not int or not 0 < value < MAX_AMOUNT:
        raise Refusal(400, "invalid", "Give amount in minor units, as a whole number over 0.")
    return value


def parameters(path: str) -> dict[str, str]:
    """Those of the query, by name; the last one counts."""
    return dict(parse_qsl(urlsplit(path).query))


def since(asked: Mapping[str, str]) -> datetime:
    try:
        return datetime.fromisoformat(asked.get("since", "")).astimezone(UTC)
    except ValueError:
        raise Refusal(400, "invalid_parameter", "Give ?since= as a time.") from None
