"""The metrics of a whole shop, held against the books of whoever placed the orders."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from chassis.tests.metrics_server import get, scrape, total
from tests.faults import goods
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.race.buyers import Purchase, Wish, in_turn

ORDERS = 50
AT_ONCE = 25  # placed before the queue is looked at again
AFTER_THE_KILL = 10
DECLINED_EVERY = 10
LONGEST_SECONDS = 60.0
DISPATCHERS = ("order-dispatcher", "order-dispatcher-2")
STATUSES = ("202", "422", "500", "503")
ANSWERS = "django_http_responses_total_by_status_view_method_total"


def wish(name: str, number: int, **changes: object) -> Wish:
    is_declined = number % DECLINED_EVERY == 0
    body = goods.order_body(
        [(goods.name(number), 1)],
        email="counted@example.org",
        payment="tok_decline" if is_declined else "tok_approve",
    )
    return Wish(f"guest:{name}", f"{name}-{number}", {**body, **changes})


def read(system: System, process: str) -> Callable[..., float]:
    samples = scrape(system.ports[f"{process}-metrics"])
    return lambda name, **labels: total(samples, name, **labels)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def queue_lengths(system: System) -> list[float]:
    return [read(system, each)("celery_queue_length", queue_name="orders") for each in DISPATCHERS]


def wait_until_queued(system: System, orders: int) -> None:
    wait_until(lambda: queue_lengths(system) == [orders] * 2)


def undecided(system: System) -> list[float]:
    def count(process: str) -> float:
        value = read(system, process)
        ended = sum(value("techcommerce_orders", state=each) for each in ("confirmed", "cancelled"))
        return value("techcommerce_orders") - ended

    return [count(process) for process in DISPATCHERS]


def test_metrics_agree_with_the_orders_that_were_placed(system: System, observer: Observer) -> None:
    system.members.kill("order-worker", hold=True)
    web = read(system, "order_service")
    placed: list[Purchase] = []
    for first in range(0, ORDERS, AT_ONCE):
        wishes = [wish("queue", number) for number in range(first, first + AT_ONCE)]
        placed += in_turn(system, wishes, buyers=1)
        wait_until_queued(system, len(placed))
    wait_until(lambda: undecided(system) == [ORDERS] * 2)

    again = in_turn(system, [wish("queue", number) for number in range(3)], buyers=1)
    bad = in_turn(system, [wish("bad", 1, lines=[{"sku": "NONE", "quantity": 1}])], buyers=1)
    answers = Counter(each.answer.status for each in [*placed, *again, *bad])
    assert answers == {202: ORDERS + 3, 422: 1}

    system.members.release("order-worker")
    system.members.wait_until_up("order-worker")
    assert observer.drain(LONGEST_SECONDS) is not None
    for child in system.members["order-worker"].children():
        os.kill(child, signal.SIGKILL)
    wishes = [wish("killed", number) for number in range(AFTER_THE_KILL)]
    placed += in_turn(system, wishes, buyers=1)
    assert observer.drain(LONGEST_SECONDS) is not None

    now = read(system, "order_service")
    accepted, replays = "techcommerce_orders_placed_total", "techcommerce_idempotent_replays_total"
    assert now(accepted) - web(accepted) == len(placed)
    assert now(replays) - web(replays) == len(again)
    statuses = {each: now(ANSWERS, status=each) - web(ANSWERS, status=each) for each in STATUSES}
    assert statuses == {"202": len(placed) + len(again), "422": len(bad), "500": 0, "503": 0}
    assert_worker_counted(system, placed)
    assert queue_lengths(system) == [0, 0]
    wait_until(lambda: undecided(system) == [0, 0])


def assert_worker_counted(system: System, placed: list[Purchase]) -> None:
    """Through the death of both children; its counts began when the test let it start."""
    value = read(system, "order-worker")
    good = [each for each in placed if each.body["payment_token"] == "tok_approve"]
    declined = len(placed) - len(good)
    moves = "techcommerce_order_transitions_total"
    assert value(moves, to_state="confirmed") == len(good)
    assert value(moves, to_state="cancelled", reason="payment_declined") == declined
    assert value(moves, to_state="cancelled") == declined
    decision = "techcommerce_order_decision_seconds_count"
    assert value(decision, decision="confirmed") == len(good)
    assert value(decision, decision="rejected") == declined
    totals = sum(Decimal(each.answer.body["total"]["amount"]) for each in good)
    assert value("techcommerce_revenue_minor_total", currency="EUR") == totals * 100
    assert value("techcommerce_payments_total", outcome="authorized") == len(good)
    assert value("techcommerce_payments_total", outcome="declined") == declined
    assert value("techcommerce_reservations_total", outcome="reserved") == len(placed)
    tasks = {name: value(f"celery_task_{name}_total") for name in ("started", "succeeded")}
    assert tasks["started"] == tasks["succeeded"] > 0
    finished = "techcommerce_queue_finished_total"
    assert value(finished, queue_name="orders") >= len(placed)
    assert value(finished, queue_name="notifications") >= len(good)
    assert value("celery_task_failed_total") == 0
    assert value("celery_task_queue_wait_time_count", queue_name="orders") > 0
    assert value("celery_worker_pool_size") == 2
    assert value("celery_worker_pool_busy") == 0
    files = system.folder.metrics("order-worker").glob("*.db")
    assert {file.stem.rpartition("_")[2] for file in files} == {"main", "0", "1"}


def test_every_process_tells_that_it_lives(system: System) -> None:
    for process in ("product_service", "order_service", "order-worker", *DISPATCHERS):
        assert get(system.ports[f"{process}-metrics"], "/health/live") == (200, "ok\n"), process
    stock = read(system, "product-sweep")
    assert stock("techcommerce_invariant_violations") == 0
    assert stock("techcommerce_reservations_active") == 0
    assert stock("django_migrations_unapplied_total") == 0
    assert stock("techcommerce_build_info", service="product_service") == 1
