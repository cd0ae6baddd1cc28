"""The stock of many orders: one call as far as it goes, and each order's outcome is its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from django.utils import timezone
from jsonschema import Draft202012Validator
from prometheus_client import REGISTRY

from order_service.clients import stock_sets
from order_service.clients.product_service import Wanted
from order_service.clients.stock import StockRefused, StockUnavailable
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.pipeline.together import advance_together
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.orders.samples import Samples
from order_service.tests.product_stub import ProductStub, problem
from order_service.tests.product_stub import State as Shop

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA: dict[str, Any] = yaml.load(
    (Path(__file__).parents[3] / "product_service" / "openapi.yaml").read_text(), yaml.CSafeLoader
)
SETS = "/v1/reservations/batch"


def ids(count: int) -> list[uuid.UUID]:
    return [uuid.uuid4() for _ in range(count)]


def work(world: World, orders: list[Order]) -> list[str]:
    """The states in which they end."""
    deadline = timezone.now() + timedelta(seconds=15)
    advance_together([order.pk for order in orders], world.ports, deadline)
    for order in orders:
        order.refresh_from_db()
    return [order.state for order in orders]


def holds(shop: Shop) -> list[list[str]]:
    """The orders of each call that holds stock."""
    return [
        [each["order_id"] for each in body["orders"]]
        for _, path, body in shop.calls
        if path == f"{SETS}/hold"
    ]


def validate(schema: dict[str, Any], body: Any) -> None:
    Draft202012Validator({**schema, "components": SCHEMA["components"]}).validate(body)


@pytest.mark.parametrize("status", [404, 413, 500, 503])
def test_a_call_for_all_that_is_refused_is_made_for_each(patient_world: World, status: int) -> None:
    """By a pod of the version before, as too large, or because of one order among them."""
    patient_world.shop.answers[SETS] = (status, problem(status, "refused"))

    assert set(work(patient_world, [make_order() for _ in range(3)])) == {State.CONFIRMED}


def test_many_lines_go_in_several_calls_in_the_same_order(shop: Shop) -> None:
    orders = ids(20)
    lines = [Wanted(f"SKU-{number}", 1) for number in range(50)]

    held = stock_sets.reserve([(each, lines, 1800) for each in orders])

    assert [str(each) for each in held] == ["held"] * 20
    assert [len(each) for each in holds(shop)] == [8, 8, 4]
    assert [each for call in holds(shop) for each in call] == [str(each) for each in orders]


def test_many_orders_go_in_several_calls(shop: Shop) -> None:
    orders = ids(65)
    stock_sets.reserve([(each, [Wanted("MUG", 1)], 1800) for each in orders])
    stock_sets.commit(orders)
    stock_sets.release(orders)

    sets = [(path, len(body.popitem()[1])) for _, path, body in shop.calls if path.startswith(SETS)]
    assert sets == [(f"{SETS}/{action}", 64) for action in ("hold", "commit", "release")]
    assert set(shop.reservations.values()) == {"released"}


def test_a_portion_without_an_answer_leaves_the_others_theirs(shop: Shop) -> None:
    first, unknown = ids(64), uuid.uuid4()
    stock_sets.reserve([(each, [Wanted("MUG", 1)], 1800) for each in first])
    shop.answers[f"/v1/reservations/{unknown}"] = (503, problem(503, "unavailable"))

    *committed, lost = stock_sets.commit([*first, unknown])

    assert {str(each) for each in committed} == {"committed"}
    assert isinstance(lost, StockUnavailable)


def test_an_unknown_order_is_that_order_s_own_matter(shop: Shop) -> None:
    known, unknown = ids(2)
    stock_sets.reserve([(each, [Wanted("MUG", 1)], 1800) for each in (known, ids(1)[0])])

    refused, committed = stock_sets.commit([unknown, known])

    assert (repr(refused), str(committed)) == ("StockRefused('not_found')", "committed")


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_call_that_may_not_be_made_is_made_once(shop: Shop, status: int) -> None:
    shop.answers[SETS] = (status, problem(status, "refused"))

    assert [type(each) for each in stock_sets.commit(ids(3))] == [StockUnavailable] * 3
    assert len(shop.calls) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"outcomes": []}, StockUnavailable),
        ({"outcomes": [{"order_id": "x", "state": "held"}]}, StockUnavailable),
        ({"outcomes": [{"state": "held"}]}, StockUnavailable),
        ([], StockUnavailable),
        ("held", StockUnavailable),
        ("stock_disagrees", StockRefused),
    ],
)
def test_an_answer_of_another_shape_is_no_answer(shop: Shop, body: Any, kind: type) -> None:
    orders = ids(2)
    if isinstance(body, str):
        name = "state" if body == "held" else "error"
        body = {"outcomes": [{"order_id": str(each), name: body} for each in orders]}
    shop.answers[SETS] = (200, body)

    assert [type(each) for each in stock_sets.commit(orders)] == [kind] * 2


def test_the_stub_answers_sets_as_product_service_does(
    product_server: ProductStub, shop: Shop
) -> None:
    shop.sold_out = {"GONE"}
    orders = ids(2)
    wishes = [(orders[0], [Wanted("MUG", 1)], 60), (orders[1], [Wanted("GONE", 1)], 60)]
    stock_sets.reserve(wishes)
    stock_sets.commit(orders)
    stock_sets.release(orders)
    stock_sets.commit(ids(2))

    for _, path, sent in [call for call in shop.calls if call[1].startswith(SETS)]:
        operation = SCHEMA["paths"][path]["post"]
        validate(operation["requestBody"]["content"]["application/json"]["schema"], sent)
        answer = requests.post(product_server.url + path, json=sent, timeout=5)
        content = operation["responses"][str(answer.status_code)]["content"]
        validate(content[answer.headers["Content-Type"]]["schema"], answer.json())


def test_who_was_placed_first_asks_first(patient_world: World) -> None:
    """Of the last pieces: whatever the order of their ids in the message."""
    orders = [make_order() for _ in range(4)]
    work(patient_world, orders[::-1])

    assert holds(patient_world.shop) == [[str(order.pk) for order in orders]]


def test_an_order_that_was_released_before_touches_no_other(patient_world: World) -> None:
    """The tombstone of an undo that came first: that order waits for somebody to look at it."""
    undone, *others = (make_order() for _ in range(3))
    patient_world.shop.reservations[str(undone.pk)] = "released"

    assert work(patient_world, [undone, *others]) == [
        State.PLACED,
        State.CONFIRMED,
        State.CONFIRMED,
    ]
    assert undone.failures == 1
    assert "released" in undone.last_error


def test_orders_are_counted_and_calls_are(
    patient_world: World, changes: Callable[[], Samples]
) -> None:
    gone = make_order()
    gone.lines.update(sku="GONE")
    patient_world.shop.sold_out = {"GONE"}
    calls = "techcommerce_upstream_request_seconds_count"
    labels = {"upstream": "product_service", "operation": "hold_set", "outcome": "ok"}
    before = REGISTRY.get_sample_value(calls, labels) or 0

    work(patient_world, [gone, *(make_order() for _ in range(3))])

    assert gone.reason == Reason.OUT_OF_STOCK
    found = {key: count for key, count in changes().items() if "reservations" in key[0]}
    assert found == {
        ("techcommerce_reservations_total", "reserved"): 3,
        ("techcommerce_reservations_total", "insufficient"): 1,
    }
    assert REGISTRY.get_sample_value(calls, labels) == before + 1
