"""product_service has no answer for a set: whoever is not the cause goes on, an outage is cheap."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from order_service.clients import stock_sets
from order_service.clients.product_service import Wanted, product_service
from order_service.clients.stock import StockUnavailable
from order_service.orders.states import State
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.orders.samples import Samples
from order_service.tests.orders.test_sets_of_stock import SETS, ids, work
from order_service.tests.product_stub import State as Shop
from order_service.tests.product_stub import problem

pytestmark = pytest.mark.django_db(transaction=True)

RESERVATIONS = "/v1/reservations"
AWAY = (503, problem(503, "unavailable"))
BROKEN = (500, problem(500, "internal_error"))


def test_an_order_that_product_service_breaks_on_stops_no_other(
    patient_world: World, changes: Callable[[], Samples]
) -> None:
    bad, *others = (make_order() for _ in range(4))
    patient_world.shop.answers = {SETS: BROKEN, f"{RESERVATIONS}/{bad.pk}": BROKEN}

    assert work(patient_world, [bad, *others]) == [State.PLACED, *[State.CONFIRMED] * 3]

    found = {key[1]: count for key, count in changes().items() if "reservations" in key[0]}
    assert found == {"reserved": 3, "error": 1}


@pytest.mark.parametrize("answer", [AWAY, BROKEN])
def test_an_outage_costs_a_few_calls_and_each_order_is_counted(
    patient_world: World, changes: Callable[[], Samples], answer: tuple[int, object]
) -> None:
    patient_world.shop.answers = {RESERVATIONS: answer}
    orders = [make_order() for _ in range(10)]

    assert set(work(patient_world, orders)) == {State.PLACED}

    assert len(patient_world.shop.calls) == 1 + stock_sets.FAILURES_OF_AN_OUTAGE
    assert {order.failures for order in orders} == {0}
    assert changes()["techcommerce_reservations_total", "error"] == 10


def test_failures_in_a_row_are_those_of_an_outage(shop: Shop) -> None:
    """Two here and two there are those of orders."""
    orders = ids(6)
    shop.answers = {SETS: AWAY}
    shop.answers |= {f"{RESERVATIONS}/{orders[place]}": AWAY for place in (0, 1, 3, 4)}

    held = stock_sets.reserve([(each, [Wanted("MUG", 1)], 1800) for each in orders])

    assert [str(each) for each in held] == ["5xx", "5xx", "held", "5xx", "5xx", "held"]


def test_what_takes_too_long_is_left_for_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leases of the orders must not run out meanwhile."""
    monkeypatch.setattr(stock_sets, "SECONDS", 0.0)

    outcomes = stock_sets.release(ids(3))

    assert {type(each) for each in outcomes} == {StockUnavailable}
    assert shop.calls == []


def test_an_order_whose_rows_are_locked_waits(shop: Shop) -> None:
    """That is no failure of its own."""
    orders = ids(2)
    told = [
        {"order_id": str(orders[0]), "error": "unavailable"},
        {"order_id": str(orders[1]), "state": "committed"},
    ]
    shop.answers[SETS] = (200, {"outcomes": told})

    locked, committed = stock_sets.commit(orders)

    assert (repr(locked), str(committed)) == ("StockUnavailable('unavailable')", "committed")


def test_a_set_without_an_answer_is_one_failure_for_the_breaker(patient_world: World) -> None:
    patient_world.shop.answers = {SETS: BROKEN}
    calls = "techcommerce_upstream_request_seconds_count"
    labels = {"upstream": "product_service", "operation": "hold_set", "outcome": "5xx"}
    before = REGISTRY.get_sample_value(calls, labels) or 0

    assert set(work(patient_world, [make_order() for _ in range(4)])) == {State.CONFIRMED}

    assert REGISTRY.get_sample_value(calls, labels) == before + 1
    assert product_service()._breaker._failures == 0
    assert Counter(path for _, path, _ in patient_world.shop.calls)[f"{SETS}/hold"] == 1


@pytest.mark.parametrize(("status", "levels"), [(404, set()), (413, {"ERROR", "WARNING"})])
def test_a_pod_of_the_version_before_is_no_error(
    shop: Shop, caplog: pytest.LogCaptureFixture, status: int, levels: set[str]
) -> None:
    shop.answers[SETS] = (status, problem(status, "refused"))

    stock_sets.release(ids(2))

    ours = [each for each in caplog.records if "order_service.clients" in each.name]
    assert {each.levelname for each in ours if each.levelno >= logging.WARNING} == levels
