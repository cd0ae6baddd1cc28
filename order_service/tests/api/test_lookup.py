"""The way back of a guest: number and e-mail open an order, guessing does not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings as live_settings
from django.db import connections
from pytest_django.fixtures import Settings

from chassis import limiter
from order_service.orders.links import link_token
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import make_order
from tests.effort import tries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_buckets() -> Iterator[None]:
    limiter._script.cache_clear()
    redis.Redis.from_url(live_settings.CACHE_URL).flushdb()
    yield
    limiter._script.cache_clear()


def look_up(
    shopper: Shopper,
    number: str,
    email: str = "ada@example.org",
    *,
    address: str = "203.0.113.9",
    **headers: str,
) -> Any:
    sent = {"Client_Address": address, **headers}
    return shopper.post("/v1/orders/lookup", {"number": number, "email": email}, **sent)


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


@pytest.mark.parametrize(
    "typed",
    [
        *("#TC-7Q2M9X4B", "tc7q2m9x4b", "TC 7Q2M 9X4B", "7Q2M9X4B", "TC\u20137Q2M9X4B."),
        *("\ufeffTC-7Q2M9X4B", "\u2066TC-7Q2M9X4B\u2069", "TC-7Q2M9X4B\n", "Order TC-7Q2M9X4B"),
        *("TC\uff0d7Q2M9X4B", "Your order TC-7Q2M9X4B was cancelled"),
    ],
)
def test_an_order_number_is_looked_up_however_it_is_pasted(bob: Shopper, typed: str) -> None:
    make_order(number="TC-7Q2M9X4B")

    assert look_up(bob, typed).status_code == 200


@pytest.mark.parametrize("typed", ["yesterday", "TC-0001", "#", "\x7f", "x" * 300])
def test_what_is_no_order_number_is_told_what_one_looks_like(bob: Shopper, typed: str) -> None:
    answer = look_up(bob, typed)

    assert problem_of(answer) == (404, "not_found")
    assert answer.json()["detail"] == "This is not an order number. One looks like TC-7Q2M9X4B."


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


def guess(number: str, *, address: str = "203.0.113.9", email: str = "e@e.org", n: int = 0) -> int:
    """The status of a look-up by a guest who was never seen before."""
    response = look_up(Shopper(f"guest:{address}-{n}"), number, email, address=address)
    return int(response.status_code)


def test_one_address_may_try_one_number_five_times_whoever_asks() -> None:
    make_order(number="TC-7Q2M9X4B")

    statuses = [guess("TC-7Q2M9X4B", n=n) for n in range(60)]

    assert statuses == [404] * 5 + [429] * 55
    # A refused guess tells nothing, not even with the right address.
    assert guess("tc-7q2m9x4b", email="ada@example.org", n=99) == 429
    assert guess("TC-7Q2M9X4B", email="ada@example.org", address="203.0.113.10") == 200


def test_one_address_may_try_thirty_numbers() -> None:
    statuses = [guess(f"TC-000000{n:02}", n=n) for n in range(40)]

    assert statuses == [404] * 30 + [429] * 10


def test_one_number_may_be_tried_fifty_times_from_everywhere() -> None:
    statuses = [guess("TC-7Q2M9X4B", address=f"203.0.113.{n}") for n in range(60)]

    assert statuses == [404] * 50 + [429] * 10


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", "2001:db8:1:3::1"),
        ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.8"),
    ],
)
def test_whoever_holds_a_network_has_no_more_tries(first: str, same: str, other: str) -> None:
    assert [guess("TC-7Q2M9X4B", address=first) for _ in range(5)] == [404] * 5

    assert guess("TC-7Q2M9X4B", address=same) == 429
    assert guess("TC-7Q2M9X4B", address=other) == 404


def test_a_refused_guess_says_how_long_to_wait(bob: Shopper) -> None:
    for _ in range(5):
        look_up(bob, "TC-7Q2M9X4B")
    refused = look_up(bob, "TC-7Q2M9X4B")

    assert problem_of(refused) == (429, "too_many_requests")
    assert 50 <= int(refused["Retry-After"]) <= 60


@pytest.mark.parametrize("key", ["subject", "link"])
def test_who_has_the_order_anyway_stays_in_during_an_attack(key: str) -> None:
    order = make_order(number="TC-7Q2M9X4B", subject="guest:ada")
    for n in range(60):
        guess("TC-7Q2M9X4B", address=f"203.0.113.{n}")
    owner = Shopper("guest:ada" if key == "subject" else "guest:ada-elsewhere")
    held = {} if key == "subject" else {"Order_Token": link_token(order.id, 1)}

    looked_up = look_up(owner, "TC-7Q2M9X4B", address="203.0.113.1", **held)

    assert looked_up.status_code == 200
    assert owner.get(f"/v1/orders/{order.number}", **held).status_code == 200
    assert look_up(owner, "TC-7Q2M9X4B", Order_Token="A" * 43).status_code == (
        200 if key == "subject" else 429
    )


@pytest.mark.django_db(transaction=True)
def test_simultaneous_guesses_get_five_answers() -> None:
    guesses = tries(60, 200)
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda n: guess_apart("TC-7Q2M9X4B", n), range(guesses)))

    assert statuses.count(404) == 5  # the sixth token comes after a minute
    assert statuses.count(429) == guesses - 5


def guess_apart(number: str, n: int) -> int:
    try:
        return guess(number, n=n)
    finally:
        connections.close_all()


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
    assert len(keys) == 3
    assert not any(b"203.0" in key or b"7Q2M" in key for key in keys)
