"""An update at work: this release and the one before it or after it share tables and queues."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.dispatch.due import QUEUES
from order_service.notifications.actions import deliver
from order_service.notifications.tasks import deliver as deliver_task
from order_service.orders.models import Delivery, Topic
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db(transaction=True)

# Word for word what the previous version does: its dispatchers take and count, its staff try again,
# its workers write.
TAKE = """
WITH due AS (
    SELECT id FROM orders_delivery
    WHERE next_attempt_at <= now() AND sent_at IS NULL AND attention_at IS NULL
        AND (published_at IS NULL OR %(oldest)s::timestamptz IS NULL
            OR published_at < %(oldest)s::timestamptz)
    ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE orders_delivery d SET published_at = now(), next_attempt_at = now() + %(again)s
FROM due WHERE d.id = due.id RETURNING d.id, d.published_at
"""
WRITE = """
INSERT INTO orders_delivery (event_id, kind, key, attempts, unanswered, published_at, attention_at,
    last_error, sent_at)
VALUES (%s, 'order_link', %s, 0, 0, NULL, NULL, '', NULL) RETURNING id
"""
ITS_QUEUES = ["orders", "notifications"]
ITS_TASKS = ["order_service.orders.advance", "order_service.notifications.deliver"]


@pytest.mark.parametrize("changes", [{"topic": "shipped"}, {"channel": "webhook"}])
def test_what_only_the_next_release_can_send_is_left_to_it(
    queues: redis.Redis, changes: dict[str, str]
) -> None:
    """Each release takes the other's rows and messages."""
    delivery = confirmation_of(make_order(State.CONFIRMED))
    Delivery.objects.update(**changes)
    before = Delivery.objects.values().get()
    Dispatcher(Broker(app)).turn()
    assert [queues.llen(queue) for queue in QUEUES] == [0] * len(QUEUES)
    assert not deliver(delivery.pk)
    assert Delivery.objects.values().get() == before


def test_what_it_has_announced_is_left_to_it_too() -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    Delivery.objects.update(topic="shipped", published_at=Now())
    theirs = Delivery.objects.filter(pk=delivery.pk).values()
    before = theirs.get()
    ours = confirmation_of(make_order(State.CONFIRMED))
    with CaptureQueriesContext(connection) as asked:
        deliver_task([ours.pk])
    assert len(mail.outbox) == 1
    assert theirs.get() == before
    assert len(asked) < 40


def test_the_release_before_never_takes_a_mail_to_the_owner(settings: Settings) -> None:
    """It would know nothing better than to send it to the shopper."""
    settings.OWNER_EMAIL = "owner@example.org"
    order = make_order(State.CONFIRMED)
    confirmation, to_owner = Delivery.objects.order_by("id")
    assert (confirmation.topic, to_owner.topic) == (Topic.ORDER_CONFIRMATION, Topic.NEW_ORDER)
    assert rows(TAKE, {"oldest": None, "limit": 200, "again": timedelta(0)}) == [confirmation.pk]
    assert not deliver_with_a_failure(to_owner)
    assert rows(TAKE, {"oldest": None, "limit": 200, "again": timedelta(0)}) == [confirmation.pk]
    Delivery.objects.filter(pk=to_owner.pk).update(due_at=order.placed_at)
    assert deliver(to_owner.pk)
    assert rows(TAKE, {"oldest": None, "limit": 200, "again": timedelta(0)}) == [confirmation.pk]


def test_its_workers_get_no_message_about_one(queues: redis.Redis, settings: Settings) -> None:
    settings.OWNER_EMAIL = "owner@example.org"
    make_order(State.CONFIRMED)
    Dispatcher(Broker(app)).turn()
    assert {queue: queues.llen(queue) for queue in QUEUES} == {
        "orders": 0,
        "notifications": 1,
        "owner": 1,
    }
    for name in app.tasks:
        if name.startswith("order_service.") and name not in ITS_TASKS:
            assert app.amqp.router.route({}, name)["queue"].name not in ITS_QUEUES


def test_what_it_writes_is_a_mail_to_the_shopper(settings: Settings) -> None:
    event = make_order(State.CONFIRMED).events.latest("version")
    [written] = rows(WRITE, [event.pk, "a-key"])
    assert deliver(written)
    assert [each.to for each in mail.outbox] == [["ada@example.org"]]


def rows(statement: str, parameters: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def deliver_with_a_failure(delivery: Delivery) -> bool:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend"):
        return deliver(delivery.pk)  # EMAIL_PORT refuses
