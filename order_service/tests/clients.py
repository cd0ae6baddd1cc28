"""HTTP clients for tests: a storefront that speaks for a shopper."""

from __future__ import annotations

import os
import uuid
from typing import Any

import orjson
from django.test import Client

from chassis.auth import TokenSigner

ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "12 Analytical Street",
    "line2": "",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}


def order_body(**changes: Any) -> dict[str, Any]:
    """The smallest valid body of POST /v1/orders: one kettle, 19.90 + 4.90 shipping."""
    return {
        "lines": [{"sku": "KETTLE-1", "quantity": 1}],
        "email": "ada@example.org",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment_token": "tok_approve",
        "expected_total": {"amount": "24.80", "currency": "EUR"},
        **changes,
    }


class Shopper:
    """Calls order_service as the storefront does for one subject."""

    def __init__(self, subject: str = "guest:ada", *, scope: str = "orders") -> None:
        self.subject, self.scope = subject, scope
        self._signer = TokenSigner("storefront", os.environ["STOREFRONT_SIGNING_KEY"])
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else orjson.dumps(body or {})
        return self._client.post(
            path, content, content_type="application/json", headers=self._headers(headers)
        )

    def place(self, *, key: str | None = None, **changes: Any) -> Any:
        """POST /v1/orders with a fresh key, unless one is given."""
        key = key or uuid.uuid4().hex
        return self.post("/v1/orders", order_body(**changes), **{"Idempotency-Key": key})

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        token = self._signer.mint("order_service", self.subject, self.scope)
        headers = {"Authorization": f"Bearer {token}"}
        return {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}


def problem_of(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, after checking its shape."""
    assert response["Content-Type"] == "application/problem+json", response.content
    body = orjson.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(body)
    assert body["status"] == response.status_code
    return response.status_code, body["code"]
