"""The dispatcher on a real Redis: announces once, never floods, and works without Redis."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models.functions import Now
from pytest_django import Settings

from order_service.celery import app
from order_service.dispatch import dispatcher as dispatching
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Backlog, Dispatcher
from order_service.dispatch.due import QUEUES
from order_service.orders.models import Delivery, IdempotencyKey, Order
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.orders.announcements import announced, messages
from order_service.tests.orders.turning import turn_until

pytestmark = pytest.mark.django_db(transaction=True)


def make_due(order: Order, **changes: Any) -> None:
    Order.objects.filter(pk=order.pk).update(next_attempt_at=Now(), **changes)


def test_a_due_order_is_announced_once_by_many_dispatchers(queues: redis.Redis) -> None:
    orders = [make_order() for _ in range(10)]
    barrier = threading.Barrier(4)

    def turn() -> None:
        replica = Dispatcher(Broker(app))
        barrier.wait()
        replica.turn()
        connection.close()

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert announced(queues) == sorted(str(order.id) for order in orders)


@pytest.mark.parametrize(
    "changes",
    [
        {"lease_until": Now() + timedelta(seconds=20)},
        {"attention_at": Now()},
    ],
    ids=["leased", "waits_for_a_person"],
)
def test_what_is_not_to_be_touched_is_not_announced(
    queues: redis.Redis, changes: dict[str, Any]
) -> None:
    make_due(make_order(), **changes)
    Dispatcher(Broker(app)).turn()
    assert messages(queues) == []


def test_what_is_not_due_yet_or_over_is_not_announced(queues: redis.Redis) -> None:
    later = make_order()
    Order.objects.filter(pk=later.pk).update(next_attempt_at=Now() + timedelta(seconds=9))
    make_order(State.CANCELLED)
    Dispatcher(Broker(app)).turn()
    assert messages(queues) == []


def test_a_lost_message_is_sent_again_once_the_queue_is_empty(queues: redis.Redis) -> None:
    order = make_order()
    replica = Dispatcher(Broker(app))
    replica.turn()
    make_due(order)
    replica.turn()
    assert len(messages(queues)) == 1  # still waiting in the queue: not sent twice
    queues.delete("orders")
    replica.turn()
    assert messages(queues) == [[str(order.id)]]


def test_a_lost_message_is_sent_again_once_the_queue_moved_past_it(queues: redis.Redis) -> None:
    lost, waiting = make_order(), make_order(next_attempt_at=Now() + timedelta(hours=1))
    replica = Dispatcher(Broker(app))
    replica.turn()
    queues.rpop("orders")
    make_due(waiting)
    replica.turn()
    make_due(lost)
    replica.turn()
    assert messages(queues) == [[str(waiting.id)], [str(lost.id)]]


def test_a_flushed_redis_loses_nothing(queues: redis.Redis) -> None:
    orders = [make_order() for _ in range(5)]
    replica = Dispatcher(Broker(app))
    replica.turn()
    queues.delete(*QUEUES)
    Order.objects.update(next_attempt_at=Now())
    replica.turn()
    assert announced(queues) == sorted(str(order.id) for order in orders)


def test_a_full_queue_is_left_alone_until_it_is_shorter(
    queues: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "SHORTEST_FULL_QUEUE", 3)
    for _ in range(5):
        make_order()
    replica = Dispatcher(Broker(app))
    replica.turn()
    replica.turn()
    assert len(announced(queues)) == 3
    assert Order.objects.filter(published_at__isnull=True).count() == 2


@pytest.mark.parametrize(
    ("due", "sizes"),
    [(1, [1]), (7, [7]), (20, [8, 8, 4]), (40, [10] * 4), (135, [32] * 4 + [7])],
)
def test_due_orders_are_dealt_out_to_the_workers(
    queues: redis.Redis, due: int, sizes: list[int]
) -> None:
    """Few go in one message; of many no worker gets all."""
    for _ in range(due):
        make_order()
    Dispatcher(Broker(app)).turn()
    assert [len(ids) for ids in messages(queues)] == sizes


def test_orders_are_dealt_out_as_they_were_placed(
    queues: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever is due first: within a message the order of placement decides."""
    monkeypatch.setattr(dispatching, "TOGETHER", 2)
    placed = [make_order() for _ in range(8)]
    for age, order in enumerate(placed):
        due_since = Now() - timedelta(seconds=age)
        Order.objects.filter(pk=order.pk).update(next_attempt_at=due_since)
    Dispatcher(Broker(app)).turn()
    ids = [str(order.pk) for order in placed]
    assert messages(queues) == [ids[0:2], ids[2:4], ids[4:6], ids[6:8]]


def test_a_full_queue_is_one_with_many_orders_not_many_messages(
    queues: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "SHORTEST_FULL_QUEUE", 20)
    for _ in range(30):
        make_order()
    replica = Dispatcher(Broker(app))
    replica.turn()
    replica.turn()
    assert [len(ids) for ids in messages(queues)] == [8, 8, 4]
    queues.rpop("orders")
    replica.turn()
    assert len(announced(queues)) >= 20
    assert Broker(app).look("orders")[0] == len(announced(queues))


def test_due_mails_share_messages_and_one_alone_is_as_the_version_before_reads_it(
    queues: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first, *others] = [confirmation_of(make_order(State.CONFIRMED)).pk for _ in range(8)]
    later = Now() + timedelta(hours=1)
    Delivery.objects.filter(pk__in=others).update(next_attempt_at=later)
    Dispatcher(Broker(app)).turn()
    assert messages(queues, "notifications") == [first]
    Delivery.objects.filter(pk__in=others).update(next_attempt_at=Now())
    Dispatcher(Broker(app)).turn()
    assert [len(ids) for ids in messages(queues, "notifications")[1:]] == [7]
    assert announced(queues, "notifications") == sorted([first, *others])
    monkeypatch.setattr(dispatching, "TOGETHER", 2)
    queues.delete("notifications")
    Delivery.objects.update(next_attempt_at=Now(), published_at=None)
    Dispatcher(Broker(app)).turn()
    assert [len(ids) for ids in messages(queues, "notifications")] == [4, 4]


def test_where_all_have_enough_to_do_a_message_is_as_large_as_can_be(
    queues: redis.Redis,
) -> None:
    replica = Dispatcher(Broker(app))
    for due, sizes in [(31, [8, 8, 8, 7]), (10, [8, 2]), (20, [20]), (40, [32, 8])]:
        for _ in range(due):
            make_order()
        before = len(messages(queues))
        replica.turn()
        assert [len(ids) for ids in messages(queues)[before:]] == sizes


def test_many_workers_need_more_before_they_have_enough() -> None:
    backlog = Backlog()
    assert backlog.is_enough(32)
    backlog.added(1000)
    backlog._looked_at -= 1.0
    backlog.room(0)
    assert not backlog.is_enough(190)
    assert backlog.is_enough(210)


def test_the_backlog_grows_with_what_the_workers_finish() -> None:
    backlog = Backlog()
    assert backlog.room(0) == 200
    backlog.added(5000)
    backlog._looked_at -= 1.0
    assert backlog.room(0) > 10_000
    assert backlog.room(300) < backlog.room(0)


def test_once_a_minute_what_is_over_is_deleted(
    queues: redis.Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever becomes of the reconciler beside it."""

    def refuse() -> int:
        raise OperationalError("away")

    monkeypatch.setattr(dispatching, "reconcile", refuse)
    settings.RECONCILE_SECONDS = 0
    for key, expires in (("old", timedelta(seconds=-1)), ("young", timedelta(days=7))):
        IdempotencyKey.objects.create(
            scope="guest:ada",
            key=key,
            fingerprint="0" * 64,
            status=202,
            body={},
            expires_at=Now() + expires,
        )
        Session.objects.create(session_key=key, session_data="", expire_date=Now() + expires)
    replica = Dispatcher(Broker(app))
    turn_until(replica.turn, lambda: IdempotencyKey.objects.count() == 1, turns=400)
    assert IdempotencyKey.objects.get().key == "young"
    assert Session.objects.get().session_key == "young"
