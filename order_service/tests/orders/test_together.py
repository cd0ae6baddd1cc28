"""Orders that are worked together: one call for all, and each ends as it would alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Semaphore
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from order_service.orders.actions import cancel_order
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.payments.gateways.base import PaymentRequest
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.pipeline import store
from order_service.pipeline.set_store import SetStore
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


def test_they_share_each_call(patient_world: World) -> None:
    orders = [make_order() for _ in range(20)]
    work(patient_world, orders)

    assert set(states(orders)) == {State.CONFIRMED}
    assert reservation_calls(patient_world) == {"hold": 1, "commit": 1}
    assert Counter(kind for kind, _ in patient_world.money()) == {"authorize": 20, "capture": 20}
    assert all(history(order) == history(orders[0]) for order in orders)


def test_they_pay_side_by_side(patient_world: World, threads: ThreadPoolExecutor) -> None:
    """Each payment is answered only when all are under way."""
    orders = [make_order() for _ in range(THREADS)]
    together = Barrier(len(orders), timeout=10)
    pay = SandboxGateway.authorize

    def wait_for_all(*asked: Any) -> Any:
        together.wait()
        return pay(*asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxGateway, "authorize", wait_for_all)
        work(patient_world, orders, threads)

    assert set(states(orders)) == {State.CONFIRMED}


@pytest.mark.parametrize("count", [2, 20])
def test_the_statements_do_not_grow_with_the_set(patient_world: World, count: int) -> None:
    """BEGIN and COMMIT of each move are among them."""
    orders = [make_order() for _ in range(count)]
    with CaptureQueriesContext(connection) as statements:
        advance_together(
            [order.pk for order in orders],
            patient_world.ports,
            timezone.now() + timedelta(seconds=15),
        )
    assert Order.objects.filter(state=State.CONFIRMED).count() == count
    assert len(statements) == 14, "\n".join(each["sql"][:90] for each in statements)


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


def test_a_slow_payment_holds_up_no_other(
    patient_world: World, threads: ThreadPoolExecutor
) -> None:
    """It is answered only when all others are confirmed; then it goes on by itself."""
    slow, *others = (make_order() for _ in range(5))
    confirmed = Semaphore(0)
    log, pay = store.log.info, SandboxGateway.authorize

    def note(event: str, **values: Any) -> None:
        if values.get("after") == State.CONFIRMED:
            confirmed.release()
        log(event, **values)

    def wait_for_others(gateway: SandboxGateway, payment: PaymentRequest, token: str) -> Any:
        if payment.order_number == slow.number:
            assert all(confirmed.acquire(timeout=10) for _ in others)
        return pay(gateway, payment, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.log, "info", note)
        patch.setattr(SandboxGateway, "authorize", wait_for_others)
        work(patient_world, [slow, *others], threads)

    assert states([slow, *others]) == [State.CONFIRMED] * 5


def test_a_payment_that_is_too_slow_is_cut_off_and_found_later(
    world: World, threads: ThreadPoolExecutor
) -> None:
    """The provider held the money, and its answer takes longer than its client waits."""
    tokens = ("tok_timeout_after_effect", "tok_approve")
    slow, *others = (make_order(payment_token=token) for token in tokens)
    work(world, [slow, *others], threads)

    assert states([slow, *others]) == [State.RESERVED, State.CONFIRMED]
    assert slow.failures == 0
    assert world.finish(slow).state == State.CONFIRMED
    assert Counter(kind for kind, _ in world.money()) == {"authorize": 2, "capture": 2}


def test_a_row_that_the_database_refuses_stops_no_other(
    patient_world: World, monkeypatch: pytest.MonkeyPatch
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
            work(patient_world, [bad, *others])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_orderevent DROP CONSTRAINT planted")
    for order in (bad, *others):
        order.refresh_from_db()

    assert states(others) == [State.CONFIRMED] * 3
    assert bad.state == State.PLACED


def test_who_failed_before_is_worked_alone(patient_world: World) -> None:
    new = [make_order() for _ in range(2)]
    failed = make_order(failures=1)
    work(patient_world, [failed, *new])

    assert set(states([failed, *new])) == {State.CONFIRMED}
    assert reservation_calls(patient_world) == {"hold": 1, "commit": 2, str(failed.pk): 1}


def test_who_only_had_to_wait_is_worked_with_the_others(patient_world: World) -> None:
    """After a failure of product_service all that waited for it are due at once."""
    orders = [make_order(attempts=2) for _ in range(3)]
    work(patient_world, orders)

    assert reservation_calls(patient_world) == {"hold": 1, "commit": 1}


def test_a_worker_that_died_with_a_set_parks_nobody_else(patient_world: World) -> None:
    """All of them count a failure; the next worker takes each by itself."""
    orders = [make_order() for _ in range(3)]
    claims = SetStore(patient_world.ports.policy).claim([order.pk for order in orders])
    assert all(claim.order for claim in claims)
    Order.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work(patient_world, orders)

    assert set(states(orders)) == {State.CONFIRMED}
    assert "hold" not in reservation_calls(patient_world)


def test_somebody_elses_order_is_left_alone(world: World) -> None:
    mine, leased, over = make_order(), make_order(), make_order(State.CONFIRMED)
    world.claim(leased)
    work(world, [leased, over, mine])

    assert states([mine, leased, over]) == [State.CONFIRMED, State.PLACED, State.CONFIRMED]


def test_an_order_that_is_cancelled_meanwhile_leaves_the_set(
    patient_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, *others = (make_order() for _ in range(3))

    def cancel(name: str) -> None:
        if name == "reserved_not_stored" and Order.objects.get(pk=left.pk).state == State.PLACED:
            cancel_order(order_id=left.pk, actor="guest:ada", reason=Reason.SHOPPER)
        crashpoint(name)

    monkeypatch.setattr("order_service.pipeline.steps.crashpoint", cancel)
    work(patient_world, [left, *others])

    assert states(others) == [State.CONFIRMED] * 2
    assert patient_world.finish(left).state == State.CANCELLED
    assert patient_world.stock(left) == "released"
