"""Mails wait while many orders do, a few seconds at most."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from django.db.models.functions import Now

from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.orders.models import Delivery
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.orders.announcements import announced

pytestmark = pytest.mark.django_db(transaction=True)


def due_mails(number: int, *, for_seconds: float) -> list[int]:
    """Confirmations to shoppers; nobody is named who would hear of new orders."""
    ids = [confirmation_of(make_order(State.CONFIRMED)).pk for _ in range(number)]
    since = Now() - timedelta(seconds=for_seconds)
    Delivery.objects.filter(pk__in=ids).update(next_attempt_at=since)
    return ids


def test_orders_go_first_while_many_wait(queues: redis.Redis) -> None:
    """A mail that is late goes out though, and all do once the workers have taken the orders."""
    fresh, late = due_mails(3, for_seconds=1), due_mails(2, for_seconds=6)
    orders = sorted(str(make_order().pk) for _ in range(9))
    replica = Dispatcher(Broker(app))
    replica.turn()
    assert announced(queues) == orders
    assert announced(queues, "notifications") == late
    replica.turn()
    assert announced(queues, "notifications") == late
    assert set(Delivery.objects.filter(published_at=None).values_list("pk", flat=True)) >= {*fresh}
    queues.rpop("orders")
    replica.turn()
    assert announced(queues, "notifications") == sorted(fresh + late)


def test_no_mail_waits_for_a_few_orders(queues: redis.Redis) -> None:
    ids = due_mails(3, for_seconds=0)
    for _ in range(8):
        make_order()
    Dispatcher(Broker(app)).turn()
    assert announced(queues, "notifications") == ids


def test_mails_that_wait_for_orders_outlive_the_dispatcher(queues: redis.Redis) -> None:
    """It keeps none in memory: the next one announces them."""
    ids = due_mails(2, for_seconds=0)
    for _ in range(9):
        make_order()
    Dispatcher(Broker(app)).turn()
    assert announced(queues, "notifications") == []
    queues.delete("orders")
    Dispatcher(Broker(app)).turn()
    assert announced(queues, "notifications") == ids
