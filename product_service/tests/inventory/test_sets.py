"""Many orders in one call: each has its own outcome, whoever stands beside it."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from product_service.inventory.actions import expire_overdue
from product_service.inventory.models import Reservation, StockItem
from product_service.tests.at_once import run_at_once
from product_service.tests.conftest import Answer, OrderService
from product_service.tests.factories import make_stock
from product_service.tests.inventory.patient import PatientOrderService
from product_service.tests.inventory.test_races import assert_the_books_agree, deadlocks, stock
from tests.effort import tries

pytestmark = pytest.mark.django_db


def ids(count: int) -> list[uuid.UUID]:
    return [uuid.uuid4() for _ in range(count)]


def hold(service: OrderService, wanted: Sequence[tuple[uuid.UUID, dict[str, int]]]) -> Answer:
    orders = [
        {
            "order_id": str(order_id),
            "lines": [{"sku": sku, "quantity": pieces} for sku, pieces in lines.items()],
            "ttl_seconds": 600,
        }
        for order_id, lines in wanted
    ]
    return service.call("POST", "batch/hold", {"orders": orders})


def work(service: OrderService, action: str, order_ids: Sequence[uuid.UUID]) -> Answer:
    return service.call("POST", f"batch/{action}", {"order_ids": [str(each) for each in order_ids]})


def said(answer: Answer) -> list[str]:
    """The state or the error of each order, in the order of the call."""
    assert answer.status == 200, answer.body
    return [each.get("state") or each["error"] for each in answer.body["outcomes"]]


def test_who_comes_first_is_served_first(order_service: OrderService) -> None:
    make_stock("MUG", 3)
    first, second, third = ids(3)

    answer = hold(order_service, [(third, {"MUG": 2}), (first, {"MUG": 2}), (second, {"MUG": 1})])

    assert answer.body["outcomes"] == [
        {"order_id": str(third), "state": "held"},
        {
            "order_id": str(first),
            "error": "out_of_stock",
            "short": [{"sku": "MUG", "wanted": 2, "available": 1}],
        },
        {"order_id": str(second), "state": "held"},
    ]
    assert stock("MUG") == (3, 3)
    assert_the_books_agree()


def test_an_order_holds_all_its_lines_or_none(order_service: OrderService) -> None:
    make_stock("MUG", 3)
    make_stock("PEN", 1)

    answer = hold(
        order_service,
        [(one, {"MUG": 1, "PEN": 1}) for one in ids(2)] + [(uuid.uuid4(), {"MUG": 1, "GONE": 1})],
    )

    assert said(answer) == ["held", "out_of_stock", "out_of_stock"]
    assert (stock("MUG"), stock("PEN")) == ((3, 1), (1, 1))
    assert_the_books_agree()


def test_each_order_is_answered_as_it_would_be_alone(order_service: OrderService) -> None:
    """Every state that a reservation can be in, in one company."""
    make_stock("MUG", 10)
    held, committed, refused, released, expired, new, other = ids(7)
    for order_id in (held, committed, expired, other):
        order_service.put(order_id, {"MUG": 1})
    order_service.put(refused, {"MUG": 99})
    order_service.commit(committed)
    order_service.delete(released)
    order_service.delete(expired)
    Reservation.objects.filter(pk=expired).update(state="expired")
    asked = [(each, {"MUG": 1}) for each in (held, committed, released, expired, new)]

    answer = hold(order_service, [*asked, (refused, {"MUG": 99}), (other, {"MUG": 2})])

    assert said(answer) == [
        *("held", "committed", "reservation_released", "held", "held"),
        *("out_of_stock", "fingerprint_mismatch"),
    ]
    assert said(work(order_service, "commit", [held, committed, refused, released, new])) == [
        *("committed", "committed", "out_of_stock", "reservation_released", "committed")
    ]
    unseen = uuid.uuid4()
    everyone = [held, committed, refused, released, expired, new, other, unseen]
    assert said(work(order_service, "release", everyone)) == ["released"] * 8
    assert said(hold(order_service, [(unseen, {"MUG": 1})])) == ["reservation_released"]
    assert stock("MUG") == (10, 0)
    assert_the_books_agree()


def test_a_repeat_in_another_company_moves_nothing(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    orders = ids(4)
    hold(order_service, [(each, {"MUG": 1}) for each in orders[:3]])

    again = hold(order_service, [(each, {"MUG": 1}) for each in reversed(orders)])

    assert said(again) == ["held"] * 4
    assert stock("MUG") == (10, 4)
    for _ in range(2):
        assert said(work(order_service, "commit", orders[1:])) == ["committed"] * 3
    assert stock("MUG") == (7, 1)


def test_one_order_that_the_books_contradict_stops_no_other(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    item = make_stock("PEN", 2)
    good, bad = ids(2)
    hold(order_service, [(good, {"MUG": 1}), (bad, {"PEN": 2})])
    StockItem.objects.filter(pk=item.pk).update(reserved=0)

    for action in ("commit", "release"):
        assert said(work(order_service, action, [bad, good])) == [
            "stock_disagrees",
            f"{action}d" if action == "release" else "committed",
        ]
    assert order_service.commit(bad).body["code"] == "stock_disagrees"
    assert order_service.get(bad).body["state"] == "held"


@contextmanager
def refusing_rows_of(order_id: uuid.UUID) -> Iterator[None]:
    """The database refuses each movement of this order, whatever our code thinks of it."""
    with connection.cursor() as cursor:
        # A table with checks to come is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE stock_movement ADD CONSTRAINT planted"
            f" CHECK (order_id <> '{order_id}') NOT VALID"
        )
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE stock_movement DROP CONSTRAINT planted")


def test_a_row_that_the_database_refuses_stops_no_other(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    bad, *good = ids(3)
    everyone = [good[0], bad, good[1]]

    with refusing_rows_of(bad):
        answer = hold(order_service, [(each, {"MUG": 1}) for each in everyone])
    assert said(answer) == ["held", "stock_disagrees", "held"]
    hold(order_service, [(bad, {"MUG": 1})])
    with refusing_rows_of(bad):
        answer = work(order_service, "commit", everyone)
        assert said(answer) == ["committed", "stock_disagrees", "committed"]
    assert said(work(order_service, "commit", [bad])) == ["committed"]
    with refusing_rows_of(bad):
        answer = work(order_service, "release", everyone)
        assert said(answer) == ["released", "stock_disagrees", "released"]
    assert stock("MUG") == (9, 0)
    assert_the_books_agree()


def test_a_row_that_the_database_refuses_holds_up_no_expiry(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    bad, *others = ids(3)
    hold(order_service, [(each, {"MUG": 1}) for each in (bad, *others)])
    Reservation.objects.update(expires_at="2020-01-01T00:00:00Z")

    with refusing_rows_of(bad):
        assert expire_overdue() == 2

    assert order_service.get(bad).body["state"] == "held"
    assert stock("MUG") == (10, 1)


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_repeated_and_every_order_answered() -> None:
    """Somebody locks a variant and a reservation the other way round, as no code of ours does."""
    service, item = PatientOrderService(), make_stock("MUG", 10)
    orders, has_stock, before = ids(3), threading.Event(), deadlocks()
    hold(service, [(each, {"MUG": 1}) for each in orders])

    def lock_backwards() -> None:
        with suppress(OperationalError), transaction.atomic():
            StockItem.objects.select_for_update().get(pk=item.pk)
            has_stock.set()
            while not waits_for_a_lock():
                time.sleep(0.02)
            # PostgreSQL ends whoever waited first, a second later: the set.
            Reservation.objects.select_for_update().get(pk=max(orders))

    def commit() -> Answer:
        assert has_stock.wait(timeout=30)
        return work(service, "commit", orders)

    _, answer = run_at_once([lock_backwards, commit])

    assert said(answer) == ["committed"] * 3
    assert stock("MUG") == (7, 0)
    until = time.monotonic() + 10
    while deadlocks() == before:
        assert time.monotonic() < until, "no deadlock was counted"
        time.sleep(0.02)


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_sets_and_single_calls_at_once_never_deadlock() -> None:
    """Sets share orders and variants with each other and with single calls, each in its order."""
    service = PatientOrderService()
    for sku in ("AAA", "BBB", "CCC"):
        make_stock(sku, 1000)
    before, shared = deadlocks(), ids(8)

    def work_in_turns(turn: int) -> Counter[int]:
        statuses: Counter[int] = Counter()
        for round_ in range(tries(2, 15)):
            mine = [*shared, *ids(4)]
            mine = mine[turn:] + mine[:turn]
            wanted = [{"AAA": 1, "CCC": 1}, {"CCC": 1, "BBB": 1}, {"BBB": 1, "AAA": 1}]
            lines = {each: wanted[each.int % 3] for each in mine}
            statuses[hold(service, list(lines.items())).status] += 1
            statuses[work(service, "commit", mine[::-1]).status] += 1
            statuses[service.put(mine[0], lines[mine[0]]).status] += 1
            if round_ % 2:
                statuses[work(service, "release", mine).status] += 1
            statuses[service.delete(mine[1]).status] += 1
        return statuses

    run_at_once([partial(work_in_turns, turn) for turn in range(6)])

    assert deadlocks() == before
    everyone = list(Reservation.objects.values_list("pk", flat=True))
    for start in range(0, len(everyone), 64):
        work(service, "release", everyone[start : start + 64])
    assert [stock(sku) for sku in ("AAA", "BBB", "CCC")] == [(1000, 0)] * 3
    assert_the_books_agree()
