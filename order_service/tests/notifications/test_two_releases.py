"""An update at work: this release and the one before it or after it share tables and queues."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings

from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import OUTBOXES, Dispatcher
from order_service.notifications.actions import deliver
from order_service.orders.models import Delivery
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db(transaction=True)

QUEUES = [outbox.due.queue for outbox in OUTBOXES]


@pytest.fixture
def queues() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.delete(*QUEUES)
    yield client
    client.delete(*QUEUES)


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
