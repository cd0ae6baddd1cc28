"""Counters agree with what happened, and figures with what is there."""

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
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from kombu import Connection
from prometheus_client import REGISTRY
from pytest_django import Settings

from chassis.metrics import progress
from order_service import celery_metrics as tasks
from order_service.audit.actions import note_drift
from order_service.audit.models import DriftKind
from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.dispatch.figures import archive, orders, queues
from order_service.orders.actions import cancel_order
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import PaymentChange
from order_service.pipeline.tasks import advance_orders
from order_service.tests.clients import Shopper
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.orders.conftest import World
from order_service.tests.product_stub import State as Shop
from order_service.tests.product_stub import problem

pytestmark = pytest.mark.django_db(transaction=True)

Samples = dict[tuple[str, ...], float]


def samples(families: Any) -> Samples:
    """By name and label values: `("celery_queue_length", "orders")`."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def changes() -> Callable[[], Samples]:
    """What was counted since the last look, histograms by their number alone."""
    before = samples(REGISTRY.collect())

    def look() -> Samples:
        nonlocal before
        after, was = samples(REGISTRY.collect()), before
        before = after
        return {
            key: value - was.get(key, 0)
            for key, value in after.items()
            if key[0].startswith(("techcommerce_", "celery_"))
            and key[0].endswith(("_total", "_count"))
            and "upstream" not in key[0]
            and value != was.get(key, 0)
        }

    return look


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


def test_placements_and_replays_are_counted_and_refusals_are_not(
    ada: Shopper, shop: Shop, changes: Callable[[], Samples]
) -> None:
    statuses = [ada.place(key=key).status_code for key in ("one", "one", "two", "one")]
    statuses.append(ada.place(lines=[{"sku": "NONE", "quantity": 1}]).status_code)
    statuses.append(ada.place(payment_token="tok_decline", key="two").status_code)
    assert statuses == [202, 202, 202, 202, 422, 422]
    assert changes() == {
        ("techcommerce_orders_placed_total", "EUR"): 2,
        ("techcommerce_idempotent_replays_total", "place_order"): 2,
    }


def test_what_is_rolled_back_counts_nothing(
    ada: Shopper, shop: Shop, changes: Callable[[], Samples]
) -> None:
    with transaction.atomic():
        assert ada.place().status_code == 202
        cancel_order(order_id=make_order().id, actor="staff:1", reason=Reason.STAFF)
        transaction.set_rollback(True)
    assert changes() == {}


def test_a_confirmed_order_is_counted_move_by_move(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.advance(make_order(placed_at=Now() - timedelta(seconds=3)))
    moves = "techcommerce_order_transitions_total"
    name = "techcommerce_order_decision_seconds"
    labels = {"decision": "confirmed", "le": "2.0"}
    within = REGISTRY.get_sample_value(f"{name}_bucket", labels)
    assert changes() == {
        (moves, "reserved", ""): 1,
        (moves, "authorized", ""): 1,
        (moves, "committed", ""): 1,
        (moves, "confirmed", ""): 1,
        (f"{name}_count", "confirmed"): 1,
        ("techcommerce_revenue_minor_total", "EUR"): 2480,
        ("techcommerce_reservations_total", "reserved"): 1,
        ("techcommerce_payments_total", "sandbox", "authorized"): 1,
        ("techcommerce_payment_seconds_count", "sandbox"): 2,
    }
    world.advance(make_order())
    assert REGISTRY.get_sample_value(f"{name}_bucket", labels) == (within or 0) + 1


def ended(reason: Reason, decision: str) -> Samples:
    transitions = "techcommerce_order_transitions_total"
    return {
        (transitions, "cancelling", str(reason)): 1,
        (transitions, "cancelled", str(reason)): 1,
        ("techcommerce_order_decision_seconds_count", decision): 1,
    }


def test_a_declined_card_is_a_declined_payment_and_a_rejected_order(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.finish(make_order(payment_token="tok_decline"))
    assert changes() == {
        **ended(Reason.PAYMENT_DECLINED, "rejected"),
        ("techcommerce_order_transitions_total", "reserved", ""): 1,
        ("techcommerce_reservations_total", "reserved"): 1,
        ("techcommerce_payments_total", "sandbox", "declined"): 1,
        ("techcommerce_payment_seconds_count", "sandbox"): 1,
    }


def test_a_payment_whose_answer_is_lost_is_authorized_once(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.finish(make_order(payment_token="tok_timeout_after_effect"))
    payments = {key: n for key, n in changes().items() if key[0] == "techcommerce_payments_total"}
    assert payments == {
        ("techcommerce_payments_total", "sandbox", "timeout"): 1,
        ("techcommerce_payments_total", "sandbox", "authorized"): 1,
    }


def test_news_of_a_payment_that_are_old_or_late_are_not_counted(
    world: World, changes: Callable[[], Samples]
) -> None:
    claimed = world.claim(make_order(State.RESERVED))
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None
    changes()
    for state in ("authorized", "authorized", "voided", "declined"):
        change = PaymentChange(payment.id, PaymentState(state), "auth_1")
        world.ports.store.record_payment(claimed, change)
    assert changes() == {("techcommerce_payments_total", "sandbox", "authorized"): 1}


def test_a_shopper_who_cancels_is_not_rejected(
    world: World, changes: Callable[[], Samples]
) -> None:
    order = make_order()
    cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)
    world.finish(order)
    assert changes() == ended(Reason.SHOPPER, "cancelled")


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        ("conflict", (409, problem(409, "reservation_released"))),
        ("error", (503, problem(503, "database_away"))),
        ("error", (200, {"state": "in another shape"})),
    ],
)
def test_reservations_tell_how_they_ended(
    world: World, changes: Callable[[], Samples], outcome: str, answer: tuple[int, Any]
) -> None:
    order = make_order()
    world.shop.answers[f"/v1/reservations/{order.id}"] = answer
    world.advance(order)
    assert reservations(changes()) == {outcome: 1}


def test_a_reservation_that_is_short_is_insufficient(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    world.finish(make_order())
    assert reservations(changes()) == {"insufficient": 1}


def reservations(counted: Samples) -> dict[str, float]:
    return {key[1]: n for key, n in counted.items() if key[0] == "techcommerce_reservations_total"}


def test_fifty_orders_without_a_worker_are_fifty_messages_and_fifty_undecided(
    redis_server: redis.Redis, changes: Callable[[], Samples]
) -> None:
    replica = Dispatcher(Broker(app))
    for _ in range(5):  # a turn finds fewer than 32 of those that are placed one after another
        for _ in range(10):
            make_order()
        replica.turn()
    seen = samples([*queues.queue_figures().collect(), *orders.order_figures().collect()])
    assert seen["celery_queue_length", "orders"] == 50
    assert seen["celery_queue_length", "notifications"] == 0
    assert 0 < seen["celery_queue_oldest_message_age_seconds", "orders"] < 60
    assert seen["celery_queue_oldest_message_age_seconds", "notifications"] == 0
    assert seen["techcommerce_orders", "placed"] == 50
    assert seen["techcommerce_outbox_pending", "orders"] == 0
    assert changes() == {
        ("techcommerce_outbox_published_total", "orders", "ok"): 50,
        ("celery_task_sent_total", "order_service.orders.advance", "orders"): 50,
    }


def test_a_taken_message_is_unacknowledged_and_no_longer_in_the_queue(
    redis_server: redis.Redis,
) -> None:
    advance_orders.apply_async(args=([],), queue="orders")
    advance_orders.apply_async(args=([],), queue="orders", countdown=60)
    advance_orders.apply_async(args=([],), queue="orders", priority=9)
    figures = queues.queue_figures()
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
    assert queues.queue_figures().collect() == []
    assert samples(orders.order_figures().collect())["techcommerce_orders", "placed"] == 0


def test_orders_are_told_by_state_age_and_what_is_wrong_with_them() -> None:
    make_order(placed_at=Now() - timedelta(seconds=100))
    make_order(State.AWAITING_SHOPPER, placed_at=Now() - timedelta(seconds=500))  # not our turn
    make_order(State.CONFIRMED)
    make_order(State.CANCELLED, placed_at=Now() - timedelta(hours=25))
    stuck = make_order(State.RESERVED, attention_at=Now())
    note_drift(kind=DriftKind.BOOKS_DIFFER, reference="TC-1", order_id=stuck.id, details={})
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
