"""PostgreSQL away: 503 with Retry-After on what needs it, nothing but that."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database_away() -> Iterator[None]:
    """New connections go where nobody listens."""
    known = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["PORT"] = "9"
    yield
    connection.settings_dict.update(known)
    connection.close()


def assert_unavailable(response: Any) -> None:
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "2"
    assert response.json()["code"] == "unavailable"


@pytest.mark.usefixtures("database_away")
@pytest.mark.parametrize(
    "path", ["/v1/products", "/v1/products/one", "/v1/categories", f"/media/{'0' * 64}.webp"]
)
def test_reads_say_when_to_come_back(client: Client, path: str) -> None:
    assert_unavailable(client.get(path))


@pytest.mark.usefixtures("database_away")
def test_writes_say_when_to_come_back(client: Client, order_service: OrderService) -> None:
    body = {"lines": [{"sku": "MUG", "quantity": 1}]}
    assert_unavailable(client.post("/v1/quotes", body, content_type="application/json"))
    for answer in (
        order_service.put(uuid.uuid4(), {"MUG": 1}),
        order_service.get(uuid.uuid4()),
        order_service.commit(uuid.uuid4()),
        order_service.delete(uuid.uuid4()),
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


def test_what_is_ready_is_served_all_the_same(client: Client, request: Any) -> None:
    make_product("Shown")
    before = client.get("/v1/products").content
    request.getfixturevalue("database_away")

    assert client.get("/v1/products").content == before
