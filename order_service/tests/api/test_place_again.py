"""One key, one order: whatever is repeated, at once or days later."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from order_service.api.request_key import fingerprint
from order_service.orders.models import IdempotencyKey, Order, OrderEvent
from order_service.retention import RETENTION
from order_service.tests.clients import Shopper, order_body, problem_of
from order_service.tests.product_stub import Product, State

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_key_and_body_get_the_stored_answer(ada: Shopper, shop: State) -> None:
    first = ada.place(key="once")
    second = ada.place(key="once")

    assert second.status_code == 202
    assert second["Idempotent-Replayed"] == "true"
    assert second["Location"] == first["Location"]
    assert second.json() == first.json()
    assert Order.objects.count() == 1


def test_the_order_of_the_keys_in_the_body_does_not_matter(ada: Shopper, shop: State) -> None:
    first = ada.post("/v1/orders", order_body(), **{"Idempotency-Key": "k"})
    turned = dict(reversed(order_body().items()))
    second = ada.post("/v1/orders", turned, **{"Idempotency-Key": "k"})

    assert second.json() == first.json()


def test_a_replay_is_answered_with_product_service_down(
    ada: Shopper, shop: State, request: pytest.FixtureRequest
) -> None:
    first = ada.place(key="once")
    request.getfixturevalue("shop_is_away")

    assert ada.place(key="once").json() == first.json()
    refused = ada.place(key="another")
    assert problem_of(refused) == (503, "products_unavailable")
    assert int(refused["Retry-After"]) > 0
    assert Order.objects.count() == 1


def test_a_replay_is_answered_whatever_has_become_of_the_price(ada: Shopper, shop: State) -> None:
    first = ada.place(key="once")
    for price, name in (("25.00", "Kettle"), ("19.90", None)):
        shop.products["KETTLE-1"] = Product(price=price, name=name)
        assert ada.place(key="once").json() == first.json()
        assert ada.place(key="fresh").status_code in (409, 422)
    assert Order.objects.count() == 1


@pytest.mark.parametrize("price", ["19.90", "25.00"])
def test_another_body_is_refused_for_its_key_before_its_price(
    ada: Shopper, shop: State, price: str
) -> None:
    ada.place(key="once")
    shop.products["KETTLE-1"].price = price

    assert problem_of(ada.place(key="once", note="Ring twice."))[1] == "idempotency_key_reused"


def test_another_body_under_the_same_key_is_refused(ada: Shopper, shop: State) -> None:
    number = ada.place(key="once").json()["number"]
    response = ada.place(key="once", email="eve@example.org")

    assert problem_of(response) == (422, "idempotency_key_reused")
    assert response.json()["order_number"] == number  # so that the caller finds what it has
    assert Order.objects.count() == 1


def test_two_shoppers_may_use_the_same_key(ada: Shopper, bob: Shopper, shop: State) -> None:
    numbers = {ada.place(key="k").json()["number"], bob.place(key="k").json()["number"]}

    assert len(numbers) == 2


def test_the_stored_answer_holds_no_secret_of_the_link(ada: Shopper, shop: State) -> None:
    token = ada.place(key="once").json()["token"]

    assert len(token) == 43
    assert token not in str(IdempotencyKey.objects.values_list("body", flat=True)[0])
    Order.objects.update(link_version=2)
    renewed = ada.place(key="once").json()["token"]
    assert len(renewed) == 43
    assert renewed != token


def in_threads(count: int, act: Callable[[], Any]) -> list[Any]:
    """The results of `act` called by `count` threads that a barrier releases at once."""
    barrier = threading.Barrier(count)
    results = []

    def run() -> None:
        barrier.wait()
        try:
            results.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def place_patiently(key: str) -> Any:
    """As a shopper does who is told to come again, on a loaded machine: with the same key."""
    shopper = Shopper("guest:ada")
    answers = (shopper.place(key=key) for _ in range(10))
    return next(answer for answer in answers if answer.status_code != 503)


def test_fifty_simultaneous_posts_of_one_key_place_one_order(shop: State) -> None:
    responses = in_threads(50, lambda: place_patiently("double-click"))

    assert len(responses) == 50
    answered = [response for response in responses if response.status_code == 202]
    waiting = [response for response in responses if response.status_code != 202]
    assert {problem_of(response) for response in waiting} <= {(409, "in_flight")}
    assert len({response.json()["number"] for response in answered}) == 1
    assert sum("Idempotent-Replayed" not in response for response in answered) == 1
    assert Order.objects.count() == OrderEvent.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_fifty_simultaneous_posts_with_own_keys_place_fifty_orders(shop: State) -> None:
    responses = in_threads(50, lambda: place_patiently(uuid.uuid4().hex))

    assert {response.status_code for response in responses} == {202}
    assert Order.objects.count() == 50
    assert len({response.json()["number"] for response in responses}) == 50


def test_a_key_that_is_being_worked_on_gets_409_soon(ada: Shopper, shop: State) -> None:
    body = order_body()
    release, inserted = threading.Event(), threading.Event()

    def hold_the_key() -> None:
        """A twin that has inserted the key and does not commit."""
        with transaction.atomic():
            IdempotencyKey.objects.create(
                scope="guest:ada",
                key="held",
                fingerprint=fingerprint("POST", "/v1/orders", body),
                status=202,
                body={},
                expires_at="2030-01-01T00:00:00Z",
            )
            inserted.set()
            release.wait(10)
            transaction.set_rollback(True)
        connections.close_all()

    twin = threading.Thread(target=hold_the_key)
    twin.start()
    assert inserted.wait(5)
    started = time.monotonic()
    response = ada.post("/v1/orders", body, **{"Idempotency-Key": "held"})
    waited = time.monotonic() - started
    release.set()
    twin.join()

    assert problem_of(response) == (409, "in_flight")
    assert response["Retry-After"] == "1"
    assert 0.5 <= waited < 1.8  # not the 2 s of other locks: the storefront is gone by then
    assert not Order.objects.exists()
    assert ada.post("/v1/orders", body, **{"Idempotency-Key": "held"}).status_code == 202


def test_keys_are_kept_for_seven_days_and_their_orders_for_ever(ada: Shopper, shop: State) -> None:
    for key in ("old", "older", "fresh"):
        ada.place(key=key)
    fresh = IdempotencyKey.objects.get(key="fresh")
    week = timedelta(days=7)
    assert abs(fresh.expires_at - Order.objects.latest("placed_at").placed_at - week) < timedelta(
        seconds=1
    )
    IdempotencyKey.objects.exclude(pk=fresh.pk).update(expires_at=timezone.now())
    almost = timezone.now() + timedelta(minutes=1)
    IdempotencyKey.objects.filter(pk=fresh.pk).update(expires_at=almost)

    assert RETENTION.sweep() is False
    assert IdempotencyKey.objects.get() == fresh
    assert ada.place(key="fresh")["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 3
