"""Figures of the queues and the orders agree with what is there."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery.worker import state as worker_state
from django.conf import settings as django_settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from kombu import Connection
from prometheus_client import REGISTRY
from pytest_django import Settings

from chassis.metrics import progress
from chassis.worker import metrics as tasks
from chassis.worker import queues
from order_service.audit.actions import note_drift
from order_service.audit.models import Drift, DriftKind
from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.dispatch.due import QUEUES
from order_service.dispatch.figures import archive, orders
from order_service.orders.models import ChannelName, Delivery, Order
from order_service.orders.states import State
from order_service.pipeline.tasks import advance_orders
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.orders.samples import Samples, samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis_server() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()


def nowhere() -> str:
    """A Redis that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_fifty_orders_without_a_worker_are_fifty_in_the_queue_and_fifty_undecided(
    redis_server: redis.Redis, changes: Callable[[], Samples]
) -> None:
    """However few messages carry them."""
    replica = Dispatcher(Broker(app))
    for _ in range(5):
        for _ in range(10):
            make_order()
        replica.turn()
    seen = samples([*queues.queue_figures(QUEUES).collect(), *orders.order_figures().collect()])
    assert seen["celery_queue_length", "orders"] == 50
    assert seen["celery_queue_length", "notifications"] == 0
    assert 0 < seen["celery_queue_oldest_message_age_seconds", "orders"] < 60
    assert seen["celery_queue_oldest_message_age_seconds", "notifications"] == 0
    assert seen["techcommerce_orders", "placed"] == 50
    assert seen["techcommerce_outbox_pending", "orders"] == 0
    assert changes() == {  # messages of 8 and 2, and of 10 once 40 wait
        ("techcommerce_outbox_published_total", "orders", "ok"): 9,
        ("celery_task_sent_total", "order_service.orders.advance", "orders"): 9,
    }


def test_mails_in_a_queue_are_counted_one_by_one(redis_server: redis.Redis) -> None:
    for _ in range(9):
        make_order(State.CONFIRMED)
    Dispatcher(Broker(app)).turn()
    assert redis_server.llen("notifications") == 2
    seen = samples(queues.queue_figures(QUEUES).collect())
    assert seen["celery_queue_length", "notifications"] == 9
    assert 0 < seen["celery_queue_oldest_message_age_seconds", "notifications"] < 60


def test_a_taken_message_is_unacknowledged_and_no_longer_in_the_queue(
    redis_server: redis.Redis,
) -> None:
    advance_orders.apply_async(args=([],), queue="orders")
    advance_orders.apply_async(args=([],), queue="orders", countdown=60)
    advance_orders.apply_async(args=([],), queue="orders", priority=9)
    figures = queues.queue_figures(QUEUES)
    assert samples(figures.collect())["celery_queue_length", "orders"] == 3
    with Connection(django_settings.REDIS_URL) as link:
        channel: Any = link.channel()
        channel.basic_get("orders")
        channel.basic_get("orders")
        seen = samples(figures.collect())
    assert seen["celery_queue_length", "orders"] == 1
    assert seen["celery_queue_unacked", "running"] == 1
    assert seen["celery_queue_unacked", "scheduled"] == 1
    assert 0 <= seen["celery_unacked_oldest_age_seconds",] < 60


def test_without_redis_the_queues_are_absent_and_the_orders_are_not(settings: Settings) -> None:
    settings.REDIS_URL = nowhere()
    assert queues.queue_figures(QUEUES).collect() == []
    assert samples(orders.order_figures().collect())["techcommerce_orders", "placed"] == 0


def test_orders_are_told_by_state_age_and_what_is_wrong_with_them() -> None:
    make_order(placed_at=Now() - timedelta(seconds=100))
    make_order(State.AWAITING_SHOPPER, placed_at=Now() - timedelta(seconds=500))  # not our turn
    make_order(State.CONFIRMED)
    make_order(State.CANCELLED, placed_at=Now() - timedelta(hours=25))
    stuck = make_order(State.RESERVED, attention_at=Now())
    note_drift(Drift(kind=DriftKind.BOOKS_DIFFER, reference="TC-1", order=stuck))
    seen = samples(orders.order_figures().collect())
    assert {key[1]: n for key, n in seen.items() if key[0] == "techcommerce_orders" and n} == {
        "placed": 1,
        "awaiting_shopper": 1,
        "confirmed": 1,
        "reserved": 1,
    }
    assert 100 <= seen["techcommerce_order_oldest_undecided_age_seconds",] < 200
    assert seen["techcommerce_orders_in_attention",] == 1
    assert seen["techcommerce_outbox_dead", "orders"] == 1
    assert seen["techcommerce_invariant_violations", "books_differ"] == 1
    assert seen["techcommerce_invariant_violations", "payment_unknown"] == 0
    assert {key[1] for key in seen if key[0].endswith("violations")} == set(DriftKind.values)


def test_the_outbox_ages_while_nobody_relays_it() -> None:
    order = make_order(State.CONFIRMED)
    delivery = confirmation_of(order)
    delivery.next_attempt_at = timezone.now() - timedelta(seconds=50)
    delivery.save()
    make_order(next_attempt_at=Now() - timedelta(seconds=40))
    make_order(next_attempt_at=Now() + timedelta(seconds=40))
    make_order(next_attempt_at=Now() - timedelta(seconds=90), published_at=Now())
    seen = samples(orders.order_figures().collect())
    assert seen["techcommerce_outbox_pending", "orders"] == 1
    assert 40 <= seen["techcommerce_outbox_oldest_age_seconds", "orders"] < 49
    assert seen["techcommerce_outbox_pending", "notifications"] == 1
    assert 50 <= seen["techcommerce_outbox_oldest_age_seconds", "notifications"] < 59
    assert seen["techcommerce_outbox_pending", "owner"] == 0


def test_mails_to_the_owner_are_a_topic_of_their_own(
    redis_server: redis.Redis, settings: Settings, changes: Callable[[], Samples]
) -> None:
    settings.OWNER_EMAIL = "owner@example.org"
    make_order(State.CONFIRMED)
    Delivery.objects.filter(channel=ChannelName.OWNER_MAIL).update(
        due_at=timezone.now() - timedelta(seconds=50)
    )
    seen = samples(orders.order_figures().collect())
    assert seen["techcommerce_outbox_pending", "owner"] == 1
    assert 50 <= seen["techcommerce_outbox_oldest_age_seconds", "owner"] < 59
    assert seen["techcommerce_outbox_pending", "notifications"] == 1
    assert seen["techcommerce_outbox_dead", "owner"] == 0
    Dispatcher(Broker(app)).turn()
    assert changes() == {
        ("techcommerce_outbox_published_total", "notifications", "ok"): 1,
        ("techcommerce_outbox_published_total", "owner", "ok"): 1,
        ("celery_task_sent_total", "order_service.notifications.deliver", "notifications"): 1,
        ("celery_task_sent_total", "order_service.notifications.deliver_to_owner", "owner"): 1,
    }
    Delivery.objects.filter(channel=ChannelName.OWNER_MAIL).update(attention_at=timezone.now())
    seen = samples([*queues.queue_figures(QUEUES).collect(), *orders.order_figures().collect()])
    assert seen["techcommerce_outbox_dead", "owner"] == 1
    assert seen["techcommerce_outbox_dead", "notifications"] == 0
    assert seen["celery_queue_length", "owner"] == 1


def test_a_look_at_undecided_orders_reads_no_decided_one() -> None:
    make_order()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        plan = Order.objects.undecided().values("state", "placed_at").explain()
        cursor.execute("RESET enable_seqscan")
    assert "order_undecided" in plan


def test_the_relay_tells_that_it_lives(redis_server: redis.Redis) -> None:
    name = "techcommerce_outbox_relay_last_success_timestamp_seconds"
    before = timezone.now().timestamp()
    Dispatcher(Broker(app)).turn()
    assert before <= (REGISTRY.get_sample_value(name) or 0) <= timezone.now().timestamp()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(progress, "LONGEST_SECONDS", 0.2)
    begun = worker_state.all_total_count[0]
    yield
    worker_state.all_total_count[0] = begun


def complaint_after_a_while(alive: tasks.WorkerProgress) -> str | None:
    """As a probe hears it while the event loop turns."""
    time.sleep(0.25)
    alive.note(tasks.TICK)
    return alive.complaint()


def test_a_worker_that_begins_nothing_while_messages_wait_is_unhealthy(
    redis_server: redis.Redis, impatient: None
) -> None:
    alive = tasks.WorkerProgress(["orders"])
    assert complaint_after_a_while(alive) is None
    redis_server.lpush("orders", "message")
    assert complaint_after_a_while(alive) == "not for 0.2 s: task begun while messages wait"
    worker_state.all_total_count[0] += 1
    assert complaint_after_a_while(alive) is None
    time.sleep(0.25)
    assert "turn of the event loop" in (alive.complaint() or "")


def test_a_worker_without_redis_is_not_to_blame(settings: Settings, impatient: None) -> None:
    settings.REDIS_URL = nowhere()
    alive = tasks.WorkerProgress(["orders"])
    time.sleep(0.25)
    assert alive.complaint() is None


def test_a_server_that_archives_nothing_has_no_figure_of_its_archive() -> None:
    assert list(archive.archive_figures().collect()) == []
