"""A placement ends the dispatcher's pause; without its nudge the pause is as long as ever."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from django.core.management import call_command
from django.db import connection, connections
from pytest_django.fixtures import Settings

from order_service.dispatch import listening
from order_service.dispatch.listening import Listener
from order_service.orders import place_statement
from order_service.tests.clients import Shopper
from order_service.tests.processes import fork, wait_for
from order_service.tests.product_stub import State

pytestmark = pytest.mark.django_db(transaction=True)

LONG, SHORT = 20.0, 0.3  # seconds


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr(place_statement, "_told_at", float("-inf"))
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.0)
    listener = Listener()
    yield listener
    listener.close()


def listening_sessions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def pause_while(
    listener: Listener,
    act: Callable[[], object],
    *,
    seconds: float,
    stop: threading.Event | None = None,
) -> float:
    """How long the pause lasts while `act` happens in it."""

    def run() -> None:
        wait_for(lambda: bool(listening_sessions()))
        act()
        connections.close_all()

    acting = threading.Thread(target=run)
    acting.start()
    began = time.monotonic()
    listener.pause(stop or threading.Event(), seconds)
    lasted = time.monotonic() - began
    acting.join()
    return lasted


def test_a_placement_ends_the_pause(ada: Shopper, shop: State, listener: Listener) -> None:
    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2


def test_a_refused_placement_and_a_replay_do_not(
    ada: Shopper, shop: State, listener: Listener
) -> None:
    ada.place(key="once")

    def act() -> None:
        assert ada.place(key="once")["Idempotent-Replayed"] == "true"
        assert ada.place(shipping_method="pigeon").status_code == 422

    assert pause_while(listener, act, seconds=SHORT) >= SHORT


def test_a_busy_shop_is_looked_at_in_its_turn(
    ada: Shopper, shop: State, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_statement, "TOLD_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(listening, "QUIET_SECONDS", LONG)

    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2
    assert pause_while(listener, ada.place, seconds=SHORT) >= SHORT
    stop = threading.Event()

    def act() -> None:
        ada.place()
        ada.place()
        select.select([listener._listening()], [], [], 5)  # the nudge of the second one is there
        stop.set()

    pause_while(listener, act, seconds=LONG, stop=stop)
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.0)
    # What was placed before that pause ended is no news in the next one.
    assert pause_while(listener, lambda: None, seconds=SHORT) >= SHORT
    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2


def test_one_process_tells_at_most_once_in_a_moment(
    ada: Shopper, shop: State, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_statement, "TOLD_EVERY_SECONDS", 2 * LONG)
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.0)

    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2
    assert pause_while(listener, ada.place, seconds=SHORT) >= SHORT


def test_a_lost_session_costs_the_nudge_alone_and_is_replaced(
    ada: Shopper, shop: State, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_statement, "TOLD_EVERY_SECONDS", 0.0)
    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2

    def cut() -> None:
        [pid] = listening_sessions()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        wait_for(lambda: not listening_sessions())
        ada.place()

    assert pause_while(listener, cut, seconds=2.0) >= 2.0
    assert pause_while(listener, ada.place, seconds=LONG) < LONG / 2


def test_the_dispatcher_announces_it_long_before_its_turn(
    ada: Shopper, shop: State, listener: Listener, settings: Settings
) -> None:
    queues = redis.Redis.from_url(settings.REDIS_URL)
    queues.delete("orders")
    settings.DISPATCH_INTERVAL_SECONDS = 3 * LONG
    dispatcher = fork(lambda: call_command("dispatch"))
    try:
        wait_for(lambda: bool(listening_sessions()))
        assert ada.place().status_code == 202
        wait_for(lambda: queues.llen("orders") == 1)
    finally:
        os.kill(dispatcher.pid, signal.SIGKILL)
        assert dispatcher.was_killed()
        queues.delete("orders")


def test_without_a_database_the_pause_is_as_long_as_ever(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")

    began = time.monotonic()
    listener.pause(threading.Event(), SHORT)
    assert SHORT <= time.monotonic() - began < LONG
