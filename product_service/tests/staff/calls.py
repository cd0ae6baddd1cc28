"""Sign-ins as order_service redeems them, with its key."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from typing import Any

from django.test import Client

from chassis.auth import TokenSigner

SESSIONS = "/v1/staff/sessions"
SECRET = "a secret that stays in the browser"
CHALLENGE = hashlib.sha256(SECRET.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def redeem(code: str, secret: str = SECRET) -> Answer:
    return ask("POST", SESSIONS, {"code": code, "secret": secret})


def look_up(session: str) -> Answer:
    return ask("GET", f"{SESSIONS}/{session}")


def end(session: str) -> Answer:
    return ask("DELETE", f"{SESSIONS}/{session}")


def ask(method: str, path: str, body: Any = None) -> Answer:
    signer = TokenSigner("order_service", os.environ["ORDER_SERVICE_SIGNING_KEY"])
    token = signer.mint("product_service", "service:order_service", "staff")
    answer = Client().generic(
        method,
        path,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return Answer(answer.status_code, answer.json())


def code_of(page: Any) -> str:
    """The code on the page that leads on to the orders."""
    found = re.search(r"url=[^\"]*?code=([\w-]+)", page.content.decode())
    assert found, page.content.decode()[:500]
    return found[1]
