"""Real races: functions released at one moment by a barrier, each in its own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def together(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of all functions, run at the same time, each on a connection of its own."""
    barrier = threading.Barrier(len(functions), timeout=30)

    def run(function: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait()
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))
