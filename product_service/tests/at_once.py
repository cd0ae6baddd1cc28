"""Real races: functions released at one moment by a barrier, each in its own thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import OperationalError, connection

CONNECT_SECONDS = 60


def run_at_once(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of all functions, run at the same time, each on a connection of its own."""
    barrier = threading.Barrier(len(functions), timeout=CONNECT_SECONDS + 10)

    def run(function: Callable[[], Any]) -> Any:
        try:
            _connect()
            barrier.wait()
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def _connect() -> None:
    """Many connections at once on a busy machine may take longer than one try allows."""
    until = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > until:
                raise
