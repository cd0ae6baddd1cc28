"""Locks, fences and log lines of orders that are worked together: each is that order's alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from chassis import logs
from order_service.orders.actions import cancel_order
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.payments.gateways.base import PaymentRequest
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.payments.models import LedgerEntry, Payment
from order_service.payments.states import PaymentState
from order_service.pipeline import store
from order_service.pipeline.ports import Claimed, Move
from order_service.pipeline.set_store import SetStore
from order_service.pipeline.together import THREADS, advance_together
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.processes import wait_for
from tests.effort import tries

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def one(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def work(world: World, orders: list[Order], threads: ThreadPoolExecutor | None = None) -> list[str]:
    deadline = timezone.now() + timedelta(seconds=15)
    advance_together([order.pk for order in orders], world.ports, deadline, threads)
    for order in orders:
        order.refresh_from_db()
    return [order.state for order in orders]


def claim(world: World, orders: list[Order]) -> list[Claimed]:
    claims = SetStore(world.ports.policy).claim([order.pk for order in orders])
    return [claim.order for claim in claims if claim.order]


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """`work` on a connection of its own; it has ended when the block is left."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  (raised below)
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


def test_an_order_that_somebody_has_locked_is_worked_after_the_others(
    patient_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person is about to cancel it, say; it is not left until its message is sent again."""
    locked, *others = (make_order() for _ in range(3))
    is_locked, confirmed = threading.Event(), threading.Semaphore(0)
    log = store.log.info

    def note(event: str, **values: Any) -> None:
        if values.get("after") == State.CONFIRMED:
            confirmed.release()
        log(event, **values)

    @transaction.atomic
    def hold() -> None:
        Order.objects.select_for_update().get(pk=locked.pk)
        is_locked.set()
        assert all(confirmed.acquire(timeout=10) for _ in others)

    monkeypatch.setattr(store.log, "info", note)
    with meanwhile(hold):
        assert is_locked.wait(timeout=10)
        assert work(patient_world, [locked, *others]) == [State.CONFIRMED] * 3


def test_a_deadlock_is_repeated_for_each(patient_world: World) -> None:
    """Somebody locks two orders the other way round, which no code of ours does."""
    first, second = make_order(), make_order()
    claimed = claim(patient_world, [first, second])
    has_second = threading.Event()
    before = one(DEADLOCKS)

    def lock_backwards() -> None:
        with suppress(OperationalError), transaction.atomic():
            Order.objects.select_for_update().get(pk=second.pk)
            has_second.set()
            wait_for(lambda: one(WAITING) > 0)
            # PostgreSQL ends whoever waited first, a second later: the set.
            Order.objects.select_for_update().get(pk=first.pk)

    with meanwhile(lock_backwards):
        assert has_second.wait(timeout=10)
        moved = SetStore(patient_world.ports.policy).move(
            [(each, Move(State.RESERVED)) for each in claimed]
        )

    assert [each.state for each in moved if isinstance(each, Claimed)] == [State.RESERVED] * 2
    wait_for(lambda: one(DEADLOCKS) > before)


def test_sets_that_share_orders_never_deadlock(patient_world: World) -> None:
    orders = [make_order() for _ in range(6)]
    before = one(DEADLOCKS)
    tables = SetStore(patient_world.ports.policy)

    def move_all(turn: int) -> None:
        mine = orders[turn:] + orders[:turn]
        for _ in range(tries(5, 50)):
            tables.claim([order.pk for order in mine])
            stale = [(each, Move(State.RESERVED)) for each in known[turn:] + known[:turn]]
            tables.move(stale)

    known = claim(patient_world, orders)
    with meanwhile(lambda: move_all(2)), meanwhile(lambda: move_all(4)):
        move_all(0)

    assert one(DEADLOCKS) == before
    assert {order.version for order in Order.objects.all()} == {1}


def test_news_of_a_payment_are_kept_though_the_fence_of_its_order_failed(
    patient_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while the money was held: its state stays, its payment is known, and is undone."""
    left, *others = (make_order() for _ in range(3))
    pay = SandboxGateway.authorize

    def cancel_meanwhile(gateway: SandboxGateway, payment: PaymentRequest, token: str) -> Any:
        answer = pay(gateway, payment, token)
        if payment.order_number == left.number:
            cancel_order(order_id=left.pk, actor="guest:ada", reason=Reason.SHOPPER)
        return answer

    monkeypatch.setattr(SandboxGateway, "authorize", cancel_meanwhile)
    # Not claimed again at once: it stays as the fence left it.
    monkeypatch.setattr("order_service.pipeline.together._advance_alone", lambda *_: [])

    assert work(patient_world, [left, *others]) == [State.CANCELLING, *[State.CONFIRMED] * 2]
    payment = Payment.objects.get(order=left)
    assert (payment.state, bool(payment.provider_reference)) == (PaymentState.AUTHORIZED, True)
    assert not LedgerEntry.objects.filter(order=left).exists()
    assert patient_world.finish(left).state == State.CANCELLED
    assert sorted(kind for kind, _ in patient_world.money()) == [
        *(["authorize"] * 3 + ["capture"] * 2 + ["void"])
    ]


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    found = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line for line in found if line["event"] == event]


def test_each_line_of_the_log_carries_the_ids_of_its_order(
    patient_world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line tells the size of the set; its calls for all are under its own id."""
    ids = ["request-a", "request-b", "request-c"]
    orders = [make_order(request_id=each) for each in ids]
    gone = orders[2]
    gone.lines.update(sku="GONE")
    patient_world.shop.sold_out = {"GONE"}
    pay, paid = SandboxGateway.authorize, []

    def note(gateway: SandboxGateway, payment: PaymentRequest, token: str) -> Any:
        paid.append((payment.order_number, logs.request_id()))
        return pay(gateway, payment, token)

    monkeypatch.setattr(SandboxGateway, "authorize", note)
    with caplog.at_level("INFO"), ThreadPoolExecutor(THREADS) as threads:
        work(patient_world, orders, threads)

    (together,) = lines(caplog, "orders are worked together")
    assert (together["orders"], together["request_id"]) == (3, together["set"])
    known = {(order.number, order.request_id) for order in orders}
    moves = lines(caplog, "order moved")
    assert {(line["order"], line["request_id"]) for line in moves} == known
    assert {line["set"] for line in moves} == {together["set"]}
    assert set(paid) == known - {(gone.number, gone.request_id)}
    calls = zip(patient_world.shop.calls, patient_world.shop.headers, strict=True)
    sent = {path.rsplit("/", 1)[1]: headers["X-Request-ID"] for (_, path, _), headers in calls}
    assert sent["hold"] == sent["commit"] == together["set"]
    assert sent[str(gone.pk)] == gone.request_id


def test_an_order_that_is_worked_alone_asks_under_its_own_id(
    patient_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    order = make_order(request_id="request-a")
    with caplog.at_level("INFO"):
        work(patient_world, [order])

    assert lines(caplog, "orders are worked together") == []
    assert {headers["X-Request-ID"] for headers in patient_world.shop.headers} == {"request-a"}
    assert {line["request_id"] for line in lines(caplog, "order moved")} == {"request-a"}


def test_a_walk_that_breaks_off_is_told_under_its_own_id(
    patient_world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug that strikes one order: the others end, then the message fails."""
    bad, *others = (make_order(request_id=f"request-{number}") for number in range(3))
    pay = SandboxGateway.authorize

    def break_off(gateway: SandboxGateway, payment: PaymentRequest, token: str) -> Any:
        if payment.order_number == bad.number:
            raise RuntimeError("a bug")
        return pay(gateway, payment, token)

    monkeypatch.setattr(SandboxGateway, "authorize", break_off)
    with caplog.at_level("ERROR"), pytest.raises(RuntimeError, match="a bug"):
        work(patient_world, [bad, *others])

    assert [line["request_id"] for line in lines(caplog, "walk broke off")] == ["request-0"]
    assert set(Order.objects.values_list("number", "state")) == {
        (bad.number, State.RESERVED),
        *((order.number, State.CONFIRMED) for order in others),
    }


def test_an_error_that_all_share_is_told_once(
    patient_world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL is away, say."""

    def refuse(*_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(SetStore, "lines", refuse)
    with caplog.at_level("ERROR"), pytest.raises(OperationalError, match="away"):
        work(patient_world, [make_order() for _ in range(3)])

    assert len(lines(caplog, "walk broke off")) == 1
