"""Answers that are kept ready: conditional requests, freshness, and life without Redis."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from product_service.catalogue import cache
from product_service.catalogue.models import Product
from product_service.catalogue.parameters import ListQuery
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_category, make_image, make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen_redis() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def refused_redis() -> str:
    """An address where nobody listens any longer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


def names(client: Client) -> list[str]:
    return [item["name"] for item in client.get("/v1/products").json()["items"]]


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def forget_memory() -> None:
    """As a second later, or in another process."""
    cache._memory.clear()


@pytest.mark.parametrize("path", ["products", "products/one", "categories", "categories/audio"])
def test_what_the_client_has_already_is_not_sent_again(client: Client, path: str) -> None:
    make_product(slug="one", category=make_category("audio"))
    first = client.get(f"/v1/{path}")
    assert first["Cache-Control"] == "no-cache"

    for tag in (first["ETag"], f'"other", {first["ETag"]}'):
        again = client.get(f"/v1/{path}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]

    other = client.get(f"/v1/{path}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_changed_answer_has_another_tag(client: Client) -> None:
    make_product()
    before = client.get("/v1/products")["ETag"]
    make_product()
    cache.bump_version()

    assert client.get("/v1/products", headers={"If-None-Match": before}).status_code == 200


def test_the_same_answer_again_asks_no_database(client: Client) -> None:
    make_product()

    assert statements(client, "/v1/products?page=1") == 1
    assert statements(client, "/v1/products?page=1") == 0
    forget_memory()
    assert statements(client, "/v1/products?page=1") == 0  # from Redis
    forget_memory()
    assert statements(client, "/v1/products?sort=newest&page=1") == 0  # the same list
    assert statements(client, "/v1/products?page_size=2") == 1


def test_memory_is_good_for_a_second_only(client: Client, monkeypatch: Any) -> None:
    make_product("Old")
    assert names(client) == ["Old"]
    Product.objects.update(name="New")  # by another process, which bumped the version in Redis
    cache.shared.set(cache.VERSION_KEY, time.time_ns(), None)
    assert names(client) == ["Old"]

    later = time.monotonic() + 1.1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert names(client) == ["New"]


def test_a_slow_reader_does_not_bring_old_bytes_back(client: Client) -> None:
    """A write commits between another process' read and its store."""
    make_product("Old")
    old = client.get("/v1/products").content
    forget_memory()

    def read_slowly() -> bytes:
        Product.objects.update(name="New")
        cache.bump_version()
        return old

    request = client.get("/v1/products").wsgi_request
    cache.bump_version()
    forget_memory()
    cache.ready_response(request, repr(ListQuery()), read_slowly)
    forget_memory()

    assert names(client) == ["New"]


@pytest.mark.parametrize("kind", ["refused_redis", "frozen_redis"])
def test_browsing_goes_on_without_redis(
    client: Client,
    settings: Any,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Redis is tried once in MUTE_SECONDS, for as long as its own timeout says, and no more."""
    make_product("Shown", slug="one", category=make_category("audio"))
    location = request.getfixturevalue(kind)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}
    paths = ["/v1/products", "/v1/products/one", "/v1/categories", "/v1/categories/audio"]

    started = time.monotonic()
    answers = [client.get(path) for path in paths for _ in range(5)]
    elapsed = time.monotonic() - started

    assert {answer.status_code for answer in answers} == {200}
    tries = sum("cache away" in str(record.msg) for record in caplog.records)
    assert 1 <= tries <= 1 + elapsed / cache.MUTE_SECONDS
    assert settings.CACHES["default"]["OPTIONS"]["socket_timeout"] <= 0.2
    cache.bump_version()  # a write is not harmed either


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("/v1/products?page_size=100", 1),
        ("/v1/products?page_size=100&q=product&category=all&in_stock=1&sort=price", 1),
        ("/v1/products/one", 2),
        ("/v1/categories", 1),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_rows(
    client: Client, path: str, budget: int
) -> None:
    category = make_category("all")
    first = make_product("Product one", slug="one", category=category)
    for number in range(4):
        make_product(f"Product {number}", category=category)
    few = statements(client, path)
    for number in range(20):
        product = make_product(f"Product more {number}", category=category)
        make_image(product)
        make_variant(first, f"ONE-{number}", options={"n": str(number)})
    cache.bump_version()

    many = statements(client, path)

    assert few == many == budget


@pytest.mark.django_db(transaction=True)
def test_the_stock_word_follows_a_reservation_at_once(client: Client) -> None:
    make_product(sku="MUG", stock=8)
    order_service, order_id = OrderService(), uuid.uuid4()

    def word() -> str:
        availability: str = client.get("/v1/products").json()["items"][0]["availability"]
        return availability

    assert word() == "in_stock"
    version = cache.current_version()
    order_service.put(uuid.uuid4(), {"MUG": 2})
    assert word() == "in_stock"
    assert cache.current_version() == version  # the same word: what is ready stays ready
    order_service.put(order_id, {"MUG": 1})
    assert word() == "low"
    order_service.put(uuid.uuid4(), {"MUG": 5})
    assert word() == "sold_out"
    order_service.delete(order_id)
    assert word() == "low"


def test_a_repeated_answer_has_every_header_of_the_first(client: Client) -> None:
    make_product()
    first = client.get("/v1/products")

    for headers in ({}, {"If-None-Match": first["ETag"]}):
        again = client.get("/v1/products", headers=headers)
        expected = {**first.headers, "X-Request-ID": again["X-Request-ID"]}
        if again.status_code == 304:
            del expected["Content-Type"]
        assert dict(again.headers) == expected
        assert again["X-Request-ID"] != first["X-Request-ID"]
    assert "default-src 'self'" in first["Content-Security-Policy"]
    assert first["X-Content-Type-Options"] == "nosniff"


def test_a_first_answer_that_was_304_is_whole_for_the_next_client(client: Client) -> None:
    make_product()
    first = client.get("/v1/products")
    cache.bump_version()

    assert client.get("/v1/products", headers={"If-None-Match": first["ETag"]}).status_code == 304
    again = client.get("/v1/products")

    assert (again.status_code, again.content) == (200, first.content)
    assert again["Content-Type"] == "application/json"
