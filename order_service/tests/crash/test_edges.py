"""Killed around the pipeline: while an order is placed, announced, or its mail is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as django_settings
from django.db.models.functions import Now
from pytest_django import Settings

from deploy.local.ports import any_free
from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications.actions import deliver
from order_service.orders.models import Delivery, Order
from order_service.orders.states import State
from order_service.tests.clients import Shopper
from order_service.tests.crash.conftest import World
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.processes import fork, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


# Rows 1 and 2: placing.


@pytest.mark.parametrize(
    ("at", "deaths", "is_replay"),
    [
        ("placed_not_committed", 1, False),
        ("placed_not_committed", 2, False),
        ("placed_not_answered", 1, True),  # a second request never comes here again
    ],
)
def test_a_death_while_placing_costs_the_shopper_one_more_request(
    world: World, ada: Shopper, at: str, deaths: int, *, is_replay: bool
) -> None:
    for _ in range(deaths):
        assert fork(partial(ada.place, key="the-same-key"), at=at).was_killed()
    answer = ada.place(key="the-same-key")
    assert answer.status_code == 202
    assert answer.has_header("Idempotent-Replayed") is is_replay
    order = Order.objects.get()
    assert order.number == answer.json()["number"]
    assert world.recover(order).state == State.CONFIRMED
    world.audit(order)


def test_a_twin_of_a_sleeping_placement_places_and_the_sleeper_gets_its_answer(
    world: World, ada: Shopper
) -> None:
    sleeper = fork(partial(ada.place, key="k"), at="placed_not_committed", how="SIGSTOP")
    assert sleeper.has_stopped()
    answer = ada.place(key="k")
    assert answer.status_code == 202
    assert "Idempotent-Replayed" not in answer
    sleeper.go_on()
    assert sleeper.ended_well()
    order = Order.objects.get()
    assert order.number == answer.json()["number"]
    assert world.recover(order).state == State.CONFIRMED
    world.audit(order)


# Row 3: announcing.


@pytest.fixture
def queue() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.delete("orders", "notifications")
    yield client
    client.delete("orders", "notifications")


def dispatch() -> None:
    Dispatcher(Broker(app)).turn()


@pytest.mark.parametrize("deaths", [1, 2])
def test_what_a_dead_dispatcher_took_is_announced_by_the_next(
    world: World, queue: redis.Redis, deaths: int
) -> None:
    order = make_order()
    for _ in range(deaths):
        wait_until_due(order)
        assert fork(dispatch, at="taken_not_announced").was_killed()
        assert queue.llen("orders") == 0
    wait_until_due(order)
    dispatch()
    assert queue.llen("orders") == 1
    assert world.recover(order).state == State.CONFIRMED
    world.audit(order)


def test_a_dispatcher_that_slept_announces_once_more_and_it_does_no_harm(
    world: World, queue: redis.Redis
) -> None:
    order = make_order()
    sleeper = fork(dispatch, at="taken_not_announced", how="SIGSTOP")
    assert sleeper.has_stopped()
    wait_until_due(order)
    dispatch()
    sleeper.go_on()
    assert sleeper.ended_well()
    assert queue.llen("orders") == 2
    for worker in [world.worker(order) for _ in range(2)]:
        assert worker.ended_well()
    world.recover(order)
    world.audit(order)


def wait_until_due(order: Order) -> None:
    """Until the dispatcher would take it again."""
    wait_for(Order.objects.filter(pk=order.pk, next_attempt_at__lte=Now()).exists)


# Row 13: the mail.


class Mailbox:
    """A mail server that keeps the Message-IDs."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        lines = content.decode().splitlines()
        self.ids += [line for line in lines if line.lower().startswith("message-id:")]
        return "250 OK"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    [port] = any_free(1)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


@pytest.mark.parametrize("deaths", [1, 2])
@pytest.mark.parametrize(("at", "copies"), [("mail_not_sent", 0), ("mail_sent_not_stored", 1)])
def test_a_mail_survives_its_sender_under_one_id(
    mailbox: Mailbox, at: str, copies: int, deaths: int
) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    for _ in range(deaths):
        assert fork(partial(deliver, delivery.pk), at=at).was_killed()
    assert fork(partial(deliver, delivery.pk)).ended_well()
    delivery.refresh_from_db()
    assert delivery.sent_at is not None
    assert len(mailbox.ids) == copies * deaths + 1
    assert len(set(mailbox.ids)) == 1
    assert take(NOTIFICATIONS, limit=10, oldest=None, again=timedelta(seconds=1)) == []


def test_a_mail_is_not_sent_twice_by_twins(mailbox: Mailbox) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    sleeper = fork(partial(deliver, delivery.pk), at="mail_not_sent", how="SIGSTOP")
    assert sleeper.has_stopped()
    assert fork(partial(deliver, delivery.pk)).ended_well()
    assert mailbox.ids == []
    sleeper.go_on()
    assert sleeper.ended_well()
    assert len(mailbox.ids) == 1
    assert Delivery.objects.get().sent_at is not None
