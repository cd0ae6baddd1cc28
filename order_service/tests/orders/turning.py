"""Turns of a dispatcher in the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from order_service.dispatch import dispatcher as dispatching
from order_service.dispatch.dispatcher import Dispatcher


def close_inline_sessions(replica: Dispatcher) -> None:
    """In each thread: a session that is left would keep the test database from being dropped."""
    all_there = threading.Barrier(dispatching.INLINE_PER_TURN)

    def close(_: int) -> None:
        all_there.wait(10)
        connection.close()

    list(replica._pool.map(close, range(dispatching.INLINE_PER_TURN)))


def turn_until(turn: Callable[[], object], is_done: Callable[[], bool], turns: int = 40) -> None:
    for _ in range(turns):
        turn()
        if is_done():
            return
    raise AssertionError("not done after enough turns")
