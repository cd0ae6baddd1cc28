"""Orders that are worked together: one call for all, and each ends as it would alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from order_service.orders.actions import cancel_order
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.pipeline import set_store
from order_service.pipeline.together import THREADS, advance_together
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World, history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


def work(world: World, orders: Sequence[Order], threads: ThreadPoolExecutor | None = None) -> None:
    deadline = timezone.now() + timedelta(seconds=15)
    advance_together([order.pk for order in orders], world.ports, deadline, threads)
    for order in orders:
        order.refresh_from_db()


def states(orders: Sequence[Order]) -> list[str]:
    return [order.state for order in orders]


def reservation_calls(world: World) -> Counter[str]:
    return Counter(path.rsplit("/", 1)[-1] for _, path, _ in world.shop.calls)


def test_they_share_each_call_and_pay_side_by_side(
    world: World, threads: ThreadPoolExecutor
) -> None:
    orders = [make_order() for _ in range(20)]
    work(world, orders, threads)

    assert set(states(orders)) == {State.CONFIRMED}
    assert reservation_calls(world) == {"hold": 1, "commit": 1}
    assert Counter(kind for kind, _ in world.money()) == {"authorize": 20, "capture": 20}
    assert all(history(order) == history(orders[0]) for order in orders)


@pytest.mark.parametrize("count", [2, 20])
def test_the_statements_do_not_grow_with_the_set(world: World, count: int) -> None:
    """BEGIN and COMMIT of each move are among them."""
    orders = [make_order() for _ in range(count)]
    with CaptureQueriesContext(connection) as statements:
        advance_together(
            [order.pk for order in orders], world.ports, timezone.now() + timedelta(seconds=15)
        )
    assert Order.objects.filter(state=State.CONFIRMED).count() == count
    assert len(statements) == 20, "\n".join(each["sql"][:90] for each in statements)


def test_each_ends_as_it_would_alone(world: World, threads: ThreadPoolExecutor) -> None:
    fine, declined, late, again = (
        make_order(payment_token=token)
        for token in ("tok_approve", "tok_decline", "tok_capture_decline", "tok_late_success")
    )
    gone = make_order()
    gone.lines.update(sku="GONE")
    world.shop.sold_out = {"GONE"}
    confirm = make_order(payment_token="tok_confirm")

    work(world, [gone, declined, fine, late, confirm, again], threads)

    assert states([fine, declined, late, gone, confirm, again]) == [
        *(State.CONFIRMED, State.CANCELLED, State.CANCELLED, State.CANCELLED),
        *(State.AWAITING_SHOPPER, State.RESERVED),
    ]
    assert [order.reason for order in (declined, late, gone)] == [
        *(Reason.PAYMENT_DECLINED, Reason.PAYMENT_DECLINED, Reason.OUT_OF_STOCK)
    ]
    assert world.finish(again).state == State.CONFIRMED


def test_a_slow_payment_holds_up_no_other(world: World, threads: ThreadPoolExecutor) -> None:
    """The provider thinks for 2 s, longer than its client waits: the others do not."""
    slow = make_order(payment_token="tok_slow")
    others = [make_order() for _ in range(4)]
    ended: dict[Any, float] = {}
    moved = set_store.log.info

    def note(event: str, **values: Any) -> None:
        if values.get("after") == State.CONFIRMED:
            ended[values["order"]] = time.monotonic()
        moved(event, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(set_store.log, "info", note)
        work(world, [slow, *others], threads)
        over = time.monotonic()

    assert states(others) == [State.CONFIRMED] * 4
    assert slow.state == State.RESERVED
    assert max(ended[order.number] for order in others) < over - 0.1


def test_a_row_that_the_database_refuses_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its move breaks a CHECK each time; all others are confirmed."""
    bad, *others = (make_order() for _ in range(4))
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE orders_orderevent ADD CONSTRAINT planted"
            f" CHECK (order_id <> '{bad.pk}') NOT VALID"
        )
    try:
        with pytest.raises(Exception, match="planted"):
            work(world, [bad, *others])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_orderevent DROP CONSTRAINT planted")
    for order in (bad, *others):
        order.refresh_from_db()

    assert states(others) == [State.CONFIRMED] * 3
    assert bad.state == State.PLACED


def test_who_was_tried_before_is_worked_alone(world: World) -> None:
    """It may be what the worker died of."""
    new = [make_order() for _ in range(2)]
    tried = make_order(attempts=1)
    work(world, [tried, *new])

    assert set(states([tried, *new])) == {State.CONFIRMED}
    assert reservation_calls(world) == {"hold": 1, "commit": 2, str(tried.pk): 1}


def test_a_worker_that_died_with_a_set_parks_nobody_else(world: World) -> None:
    """All of them count a failure; the next worker takes each by itself."""
    orders = [make_order() for _ in range(3)]
    assert (
        len(
            [
                order
                for order, _ in set_store.SetStore(world.ports.policy).claim(
                    [order.pk for order in orders]
                )
                if order
            ]
        )
        == 3
    )
    Order.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work(world, orders)

    assert set(states(orders)) == {State.CONFIRMED}
    assert "hold" not in reservation_calls(world)


def test_somebody_elses_order_is_left_alone(world: World) -> None:
    mine, leased, over = make_order(), make_order(), make_order(State.CONFIRMED)
    world.claim(leased)
    work(world, [leased, over, mine])

    assert states([mine, leased, over]) == [State.CONFIRMED, State.PLACED, State.CONFIRMED]


def test_an_order_that_is_cancelled_meanwhile_leaves_the_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, *others = (make_order() for _ in range(3))

    def cancel(name: str) -> None:
        if name == "reserved_not_stored" and Order.objects.get(pk=left.pk).state == State.PLACED:
            cancel_order(order_id=left.pk, actor="guest:ada", reason=Reason.SHOPPER)
        crashpoint(name)

    monkeypatch.setattr("order_service.pipeline.steps.crashpoint", cancel)
    work(world, [left, *others])

    assert states(others) == [State.CONFIRMED] * 2
    assert world.finish(left).state == State.CANCELLED
    assert world.stock(left) == "released"


@pytest.mark.parametrize("how", ["old version", "too large", "away"])
def test_a_call_for_all_that_is_refused_is_made_for_each(world: World, how: str) -> None:
    orders = [make_order() for _ in range(3)]
    if how == "old version":
        world.shop.knows_sets = False
    elif how == "too large":
        world.shop.answers["/v1/reservations/batch"] = (413, {"code": "body_too_large"})
    else:
        world.shop.answers["/v1/reservations/batch"] = (503, {"code": "unavailable"})
    work(world, orders)

    expected = State.PLACED if how == "away" else State.CONFIRMED
    assert set(states(orders)) == {expected}
