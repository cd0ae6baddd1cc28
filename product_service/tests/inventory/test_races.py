"""Real races over real transactions: many threads, one PostgreSQL, one moment."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from product_service.inventory.actions import expire_overdue
from product_service.inventory.errors import StockIsReserved
from product_service.inventory.models import Reservation, StockItem, StockMovement
from product_service.tests.at_once import run_at_once
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock, receive
from product_service.tests.inventory.patient import (
    FALSE_REFUSALS,
    UNEXPLAINED_REFUSALS,
    PatientOrderService,
)
from tests.effort import tries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order_service() -> OrderService:
    return PatientOrderService()


def deadlocks() -> int:
    """How many PostgreSQL has counted in this database so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (count,) = cursor.fetchone()
    return int(count)


def stock(sku: str) -> tuple[int, int]:
    item = StockItem.objects.get(variant__sku=sku)
    return item.on_hand, item.reserved


def assert_the_books_agree() -> None:
    """Every row follows from its movements, and every refusal was right when it was made."""
    call_command("check_stock")  # fails if it finds one that does not
    with connection.cursor() as cursor:
        for wrong in (FALSE_REFUSALS, UNEXPLAINED_REFUSALS):
            cursor.execute(wrong)
            assert cursor.fetchall() == []


def test_forty_buyers_for_ten_units_hold_exactly_ten(order_service: OrderService) -> None:
    make_stock("HOT", 10)

    answers = run_at_once([partial(order_service.put, uuid.uuid4(), {"HOT": 1}) for _ in range(40)])

    assert Counter(a.status for a in answers) == {200: 10, 409: 30}
    assert {a.body["code"] for a in answers if a.status == 409} == {"out_of_stock"}
    assert stock("HOT") == (10, 10)
    assert_the_books_agree()


def test_nobody_is_told_sold_out_while_stock_comes_back(order_service: OrderService) -> None:
    """Releases race with as many reserves: as much is free as is wanted, at every moment."""
    count = tries(15, 40)
    make_stock("HOT", 2 * count)
    holders = [uuid.uuid4() for _ in range(count)]
    for order_id in holders:
        order_service.put(order_id, {"HOT": 1})
    wanted = [partial(order_service.put, uuid.uuid4(), {"HOT": 1}) for _ in range(count)]

    answers = run_at_once([*wanted, *(partial(order_service.delete, id_) for id_ in holders)])

    assert {a.status for a in answers} == {200}
    assert stock("HOT") == (2 * count, count)
    assert_the_books_agree()


def test_refusals_are_right_while_stock_moves_both_ways(order_service: OrderService) -> None:
    make_stock("HOT", 5)
    holders = [uuid.uuid4() for _ in range(5)]
    for order_id in holders:
        order_service.put(order_id, {"HOT": 1})
    wanted = [partial(order_service.put, uuid.uuid4(), {"HOT": 2}) for _ in range(15)]

    answers = run_at_once([*wanted, *(partial(order_service.delete, id_) for id_ in holders)])

    held = sum(a.body.get("state") == "held" for a in answers)
    assert held <= 2
    assert stock("HOT") == (5, 2 * held)
    assert_the_books_agree()


def test_orders_with_skus_in_opposite_order_never_deadlock(order_service: OrderService) -> None:
    make_stock("AAA", 1000)
    make_stock("BBB", 1000)
    before = deadlocks()
    both_ways = [{"AAA": 1, "BBB": 1}, {"BBB": 1, "AAA": 1}]

    def many_times(wanted_pieces: dict[str, int]) -> list[int]:
        statuses = []
        for _ in range(tries(2, 30)):
            order_id = uuid.uuid4()
            statuses.append(order_service.put(order_id, wanted_pieces).status)
            statuses.append(order_service.delete(order_id).status)
        return statuses

    answers = run_at_once([partial(many_times, both_ways[n % 2]) for n in range(12)])

    assert {status for statuses in answers for status in statuses} == {200}
    assert stock("AAA") == stock("BBB") == (1000, 0)
    assert deadlocks() == before
    assert_the_books_agree()


def test_a_large_order_and_single_ones_share_out_all_or_nothing(
    order_service: OrderService,
) -> None:
    for sku in ("AAA", "BBB", "CCC"):
        make_stock(sku, 5)
    large = partial(order_service.put, uuid.uuid4(), {"AAA": 2, "BBB": 2, "CCC": 2})
    single = [
        partial(order_service.put, uuid.uuid4(), {sku: 2}) for sku in ["CCC", "BBB", "AAA"] * 4
    ]

    run_at_once([large, *single])

    for sku in ("AAA", "BBB", "CCC"):
        assert stock(sku) == (5, 4)
    assert_the_books_agree()


def test_the_same_put_in_parallel_holds_once(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()

    answers = run_at_once([partial(order_service.put, order_id, {"MUG": 2})] * 12)

    assert [a.status for a in answers] == [200] * 12
    assert all(a.body == answers[0].body for a in answers)
    assert stock("MUG") == (10, 2)
    assert StockMovement.objects.filter(reason="reserve").count() == 1


def test_the_same_refused_put_in_parallel_is_refused_alike(order_service: OrderService) -> None:
    make_stock("MUG", 1)
    order_id = uuid.uuid4()

    answers = run_at_once([partial(order_service.put, order_id, {"MUG": 2})] * 12)

    assert [a.status for a in answers] == [409] * 12
    assert all(a.body["short"] == answers[0].body["short"] for a in answers)
    assert stock("MUG") == (1, 0)


@pytest.mark.parametrize("turn", range(4))
def test_commit_delete_and_expiry_at_once_leave_no_stock_behind(
    order_service: OrderService, turn: int
) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))
    calls = [
        partial(order_service.commit, order_id),
        partial(order_service.delete, order_id),
        partial(order_service.put, order_id, {"MUG": 2}),
        partial(order_service.commit, order_id),
        partial(order_service.delete, order_id),
    ]

    run_at_once([*calls[turn:], *calls[:turn], expire_overdue])

    assert order_service.get(order_id).body["state"] == "released"
    assert stock("MUG") == (10, 0)
    assert_the_books_agree()


def test_commit_and_expiry_at_once_choose_one(order_service: OrderService) -> None:
    make_stock("MUG", 100)
    orders = [uuid.uuid4() for _ in range(10)]
    for order_id in orders:
        order_service.put(order_id, {"MUG": 1})
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))

    run_at_once(
        [*(partial(order_service.commit, id_) for id_ in orders), expire_overdue, expire_overdue]
    )

    states = Counter(Reservation.objects.values_list("state", flat=True))
    assert states["committed"] + states["expired"] == 10
    assert stock("MUG") == (100 - states["committed"], 0)
    assert_the_books_agree()


def test_a_reserve_and_its_delete_at_once_end_released(order_service: OrderService) -> None:
    make_stock("MUG", 100)
    orders = [uuid.uuid4() for _ in range(10)]
    puts = [partial(order_service.put, id_, {"MUG": 1}) for id_ in orders]
    deletes = [partial(order_service.delete, id_) for id_ in orders]

    answers = run_at_once([*puts, *deletes])

    assert {a.status for a in answers} <= {200, 409}
    assert set(Reservation.objects.values_list("state", flat=True)) == {"released"}
    assert stock("MUG") == (100, 0)
    assert_the_books_agree()


def test_two_sweeps_at_once_free_the_stock_once(order_service: OrderService) -> None:
    make_stock("MUG", 100)
    for _ in range(12):
        order_service.put(uuid.uuid4(), {"MUG": 3})
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))

    freed = run_at_once([expire_overdue] * 4)

    assert sum(freed) == 12
    assert stock("MUG") == (100, 0)
    assert_the_books_agree()


def test_adjusting_and_reserving_at_once_never_goes_below_what_is_held(
    order_service: OrderService,
) -> None:
    item = make_stock("MUG", 20)
    take_away = partial(receive, item.variant, -1)

    def try_to_take_away() -> bool:
        try:
            take_away()
        except StockIsReserved:
            return False
        return True

    reserves = [partial(order_service.put, uuid.uuid4(), {"MUG": 1}) for _ in range(20)]
    answers = run_at_once([*reserves, *[try_to_take_away] * 20])

    held = sum(getattr(a, "status", 0) == 200 for a in answers)
    taken = sum(a is True for a in answers)
    assert held + taken == 20
    assert stock("MUG") == (20 - taken, held)
    assert_the_books_agree()
