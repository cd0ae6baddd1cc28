"""What is needed is 503 with Retry-After while it is away; what is not needed is not missed."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from chassis import limiter
from order_service.orders.models import Order
from order_service.tests.clients import Shopper, order_body, problem_of
from order_service.tests.factories import make_order
from order_service.tests.product_stub import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frozen_redis(settings: Settings) -> Iterator[socket.socket]:
    """A Redis that accepts connections and never answers, for cache and broker alike."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0)
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        settings.CACHE_URL = settings.CELERY_BROKER_URL = url
        cache = {**settings.CACHES["default"], "LOCATION": url}
        settings.CACHES = {**settings.CACHES, "default": cache}
        limiter._script.cache_clear()
        yield listener
        limiter._script.cache_clear()


def test_nobody_who_places_or_watches_an_order_asks_redis(
    ada: Shopper, shop: State, frozen_redis: socket.socket
) -> None:
    ada.place()  # connects
    seconds = []
    for _ in range(20):
        started = time.monotonic()
        response = ada.place()
        seconds.append(time.monotonic() - started)
        assert response.status_code == 202
        assert ada.get(response["Location"]).status_code == 200

    assert statistics.median(seconds) < 0.3
    assert Order.objects.count() == 21
    with pytest.raises(BlockingIOError):
        frozen_redis.accept()  # nobody ever connected


def test_a_frozen_redis_closes_look_ups_before_the_caller_gives_up(
    bob: Shopper, frozen_redis: socket.socket
) -> None:
    order = make_order()
    started = time.monotonic()
    response = bob.post("/v1/orders/lookup", {"number": order.number, "email": "ada@example.org"})

    assert problem_of(response) == (503, "limiter_unavailable")
    assert time.monotonic() - started < 1.5  # the storefront's deadline
    frozen_redis.accept()[0].close()  # it was asked


def calls(shopper: Shopper, number: str) -> list[Any]:
    body = order_body()
    return [
        shopper.post("/v1/orders", body, **{"Idempotency-Key": "k"}),
        shopper.get("/v1/orders"),
        shopper.get(f"/v1/orders/{number}"),
        shopper.post(f"/v1/orders/{number}/cancel"),
    ]


def test_without_postgresql_every_order_call_is_503(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = make_order().number
    connection.close()
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "PORT", "9")
        answers = calls(ada, number)
        connection.close()

    assert [problem_of(answer) for answer in answers] == [(503, "unavailable")] * 4
    assert all(int(answer["Retry-After"]) > 0 for answer in answers)
    assert [answer.status_code for answer in calls(ada, number)] == [202, 200, 200, 202]
