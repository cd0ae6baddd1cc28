"""The way back of a guest: number and e-mail open an order, guessing does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as live_settings
from django.db import connections
from pytest_django.fixtures import Settings

from order_service.orders import limiter
from order_service.orders.links import link_token
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_buckets() -> Iterator[None]:
    limiter._script.cache_clear()
    redis.Redis.from_url(live_settings.CACHE_URL).flushdb()
    yield
    limiter._script.cache_clear()


def look_up(shopper: Shopper, number: str, email: str = "ada@example.org") -> Any:
    return shopper.post("/v1/orders/lookup", {"number": number, "email": email})


def test_number_and_email_give_the_token_of_the_link(bob: Shopper) -> None:
    order = make_order(number="TC-7Q2M9X4B")

    response = look_up(bob, "TC-7Q2M9X4B")

    assert response.status_code == 200
    assert response.json() == {"number": "TC-7Q2M9X4B", "token": link_token(order.id, 1)}


@pytest.mark.parametrize(
    ("number", "email"),
    [
        (" tc-7q2m9x4b ", "ADA@Example.org"),
        ("TC-7Q2M9X4B", "ada@example.org"),
    ],
)
def test_spelling_is_forgiven(bob: Shopper, number: str, email: str) -> None:
    make_order(number="TC-7Q2M9X4B")

    assert look_up(bob, number, email).status_code == 200


def test_letters_that_are_mistaken_for_digits_are_forgiven(bob: Shopper) -> None:
    make_order(number="TC-70110X4B")

    assert look_up(bob, "tc-7OilOx4b").status_code == 200


def test_a_wrong_number_and_a_wrong_email_get_the_same_answer(bob: Shopper) -> None:
    make_order(number="TC-7Q2M9X4B")

    answers = [
        look_up(bob, "TC-7Q2M9X4B", "eve@example.org"),
        look_up(bob, "TC-00000000", "ada@example.org"),
    ]

    assert [problem_of(answer) for answer in answers] == [(404, "not_found")] * 2
    first, second = ({**answer.json(), "request_id": ""} for answer in answers)
    assert first == second


def test_one_subject_may_guess_ten_times_a_minute(ada: Shopper, bob: Shopper) -> None:
    statuses = [look_up(bob, f"TC-0000000{n % 10}").status_code for n in range(10)]
    refused = look_up(bob, "TC-00000099")

    assert statuses == [404] * 10
    assert problem_of(refused) == (429, "too_many_requests")
    assert 1 <= int(refused["Retry-After"]) <= 6
    assert look_up(ada, "TC-00000099").status_code == 404


def test_one_number_may_be_guessed_ten_times_whoever_guesses() -> None:
    make_order(number="TC-7Q2M9X4B")
    guesses = [look_up(Shopper(f"guest:{n}"), "TC-7Q2M9X4B", "e@e.org") for n in range(11)]

    assert [guess.status_code for guess in guesses] == [404] * 10 + [429]
    # A refused guess tells nothing, not even with the right address.
    assert look_up(Shopper("guest:x"), "tc-7q2m9x4b").status_code == 429


@pytest.mark.django_db(transaction=True)
def test_forty_simultaneous_guesses_get_ten_answers() -> None:
    barrier, statuses = threading.Barrier(40), []

    def guess(n: int) -> None:
        barrier.wait()
        statuses.append(look_up(Shopper("guest:eve"), f"TC-000000{n:02}").status_code)
        connections.close_all()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(40)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    came_back = int((time.monotonic() - began) / 6)  # tokens, one every 6 seconds
    assert 10 <= statuses.count(404) <= 10 + came_back + 1
    assert statuses.count(404) + statuses.count(429) == 40


def test_without_redis_a_look_up_is_503_and_soon(bob: Shopper, settings: Settings) -> None:
    make_order(number="TC-7Q2M9X4B")
    settings.CACHE_URL = "redis://127.0.0.1:9/0"
    limiter._script.cache_clear()

    response = look_up(bob, "TC-7Q2M9X4B")

    assert problem_of(response) == (503, "limiter_unavailable")
    assert int(response["Retry-After"]) > 0


def test_what_is_typed_is_not_kept_in_redis(bob: Shopper) -> None:
    look_up(bob, "TC-7Q2M9X4B")

    keys = redis.Redis.from_url(live_settings.CACHE_URL).keys("*")
    assert isinstance(keys, list)
    assert len(keys) == 2
    assert not any(b"bob" in key or b"7Q2M" in key for key in keys)
