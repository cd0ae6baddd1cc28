"""Without Redis the dispatcher does the work itself, and publishing ends in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from kombu import Connection
from pytest_django import Settings

from chassis.worker.settings import PUBLISHER_TRANSPORT_OPTIONS
from deploy.local.ports import any_free
from order_service.celery import app
from order_service.dispatch import dispatcher as dispatching
from order_service.dispatch.broker import Broker, BrokerAway
from order_service.dispatch.dispatcher import Dispatcher
from order_service.orders.models import Delivery, Order
from order_service.orders.states import State
from order_service.pipeline import tasks
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mail_servers import HOST, Post, serving
from order_service.tests.orders.conftest import World
from order_service.tests.orders.turning import close_inline_sessions, turn_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def refused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def frozen() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("redis_state", ["refused", "frozen"])
def test_without_redis_the_dispatcher_does_the_work_itself(
    redis_state: str,
    request: pytest.FixtureRequest,
    settings: Settings,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.REDIS_URL = request.getfixturevalue(redis_state)
    settings.INLINE_AFTER = timedelta(0)
    monkeypatch.setattr(tasks, "production_ports", lambda: world.ports)
    sent: list[int] = []
    monkeypatch.setattr(dispatching, "deliver", lambda each, **_: sent.append(each))
    orders = [make_order() for _ in range(3)]
    replica = Dispatcher(Broker(app))
    turn_until(replica.turn, lambda: len(sent) >= 3)
    close_inline_sessions(replica)
    assert {order.state for order in Order.objects.all()} == {State.CONFIRMED}
    assert set(sent) == set(Delivery.objects.values_list("pk", flat=True))
    assert len(world.money()) == 2 * len(orders)


def test_an_inline_mail_has_less_patience_with_its_server(
    settings: Settings, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker interrupts it, and a dispatcher must be able to stop."""
    settings.REDIS_URL, settings.INLINE_AFTER = refused, timedelta(0)
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = HOST, 30
    [settings.EMAIL_PORT] = any_free(1)
    monkeypatch.setattr(dispatching, "INLINE_MAIL_TIMEOUT", 0.1)
    delivery = confirmation_of(make_order(State.CONFIRMED))
    replica = Dispatcher(Broker(app))
    with serving(Post(), settings.EMAIL_PORT, greets_after=3):
        began = time.monotonic()
        turn_until(replica.turn, lambda: bool(replica._mails))
        [mail] = replica._mails
        mail.result()
        took = time.monotonic() - began
    replica._mail_pool.submit(lambda: connection.close()).result()
    close_inline_sessions(replica)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_error) == (1, "SMTPServerDisconnected")
    assert took < 2


def test_a_bug_in_one_order_stops_no_other(
    settings: Settings, refused: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = refused
    settings.INLINE_AFTER = timedelta(0)
    bad, good = make_order(), make_order()

    def advance(order_ids: list[str]) -> None:
        if order_ids == [str(bad.id)]:
            raise ZeroDivisionError
        world.advance(Order.objects.get(pk=order_ids[0]))

    monkeypatch.setattr(dispatching, "advance_orders", advance)
    replica = Dispatcher(Broker(app))
    turn_until(replica.turn, lambda: Order.objects.get(pk=good.pk).is_terminal)
    close_inline_sessions(replica)
    assert Order.objects.get(pk=bad.pk).state == State.PLACED


def test_a_short_absence_of_redis_changes_nothing(
    settings: Settings, refused: str, world: World
) -> None:
    settings.REDIS_URL = refused
    settings.INLINE_AFTER = timedelta(seconds=60)
    make_order()
    Dispatcher(Broker(app)).turn()
    assert Order.objects.get().claims == 0


@pytest.mark.parametrize("redis_state", ["refused", "frozen"])
def test_publishing_fails_within_the_bound(
    redis_state: str,
    request: pytest.FixtureRequest,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = request.getfixturevalue(redis_state)
    settings.REDIS_URL = url
    monkeypatch.setattr(
        app,
        "connection_for_write",
        lambda: Connection(url, transport_options=dict(PUBLISHER_TRANSPORT_OPTIONS)),
    )
    failed = threading.Event()

    def publish() -> None:
        with pytest.raises(BrokerAway):
            Broker(app).publish(tasks.advance_orders, ["x"], queue="orders", at=timezone.now())
        failed.set()

    threading.Thread(target=publish, daemon=True).start()
    assert failed.wait(5), "publishing to an absent Redis hangs"
