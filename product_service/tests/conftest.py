"""Fixtures of product_service: an empty cache, and a caller with a service token."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from chassis.auth import TokenSigner
from product_service.catalogue import cache


@pytest.fixture(autouse=True)
def _nothing_is_ready() -> Iterator[None]:
    """No test sees answers that another one finished."""
    cache.shared = cache.SharedCache()
    cache.bump_version()
    yield
    cache.bump_version()


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hashing a password slowly is Django's promise, not ours to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Answer:
    """What a call answered; `body` is the JSON."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def status_code(self) -> int:  # as Django's responses have it
        return self.status


class OrderService:
    """Calls the reservations as order_service does."""

    def __init__(self, scope: str = "reservations") -> None:
        signer = TokenSigner("order_service", os.environ["ORDER_SERVICE_SIGNING_KEY"])
        token = signer.mint("product_service", "service:order_service", scope)
        self._headers = {"Authorization": f"Bearer {token}"}

    def put(self, order_id: uuid.UUID, wanted: Mapping[str, int], ttl: int = 1800) -> Answer:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in wanted.items()]
        return self.put_body(order_id, {"lines": lines, "ttl_seconds": ttl})

    def put_body(self, order_id: uuid.UUID, body: Any) -> Answer:
        return self.call("PUT", order_id, body)

    def get(self, order_id: uuid.UUID) -> Answer:
        return self.call("GET", order_id)

    def commit(self, order_id: uuid.UUID) -> Answer:
        return self.call("POST", order_id, suffix="/commit")

    def delete(self, order_id: uuid.UUID) -> Answer:
        return self.call("DELETE", order_id)

    def call(
        self, method: str, order_id: uuid.UUID | str, body: Any = None, suffix: str = ""
    ) -> Answer:
        response = Client(raise_request_exception=False).generic(
            method,
            f"/v1/reservations/{order_id}{suffix}",
            "" if body is None else _json(body),
            content_type="application/json",
            headers=self._headers,
        )
        return Answer(response.status_code, response.json(), response.headers)


def _json(body: Any) -> str | bytes:
    return body if isinstance(body, (str, bytes)) else json.dumps(body)


@pytest.fixture
def order_service() -> OrderService:
    return OrderService()
