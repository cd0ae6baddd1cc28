"""The pause between two turns of the dispatcher, which ends early when an order was placed.

A nudge counts only after QUIET_SECONDS without one. So an order in a quiet shop is looked at once,
and in a busy one the dispatcher goes on taking many orders a turn. A nudge may be lost, with its
connection or behind a pooler: the pause is never longer than it would be without them.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from chassis.logs import get_logger
from order_service.orders.place_statement import CHANNEL

log = get_logger(__name__)

QUIET_SECONDS = 0.075  # more than TOLD_EVERY_SECONDS: a single busy process is heard as busy
RETRY_SECONDS = 5.0
# A connection that nobody speaks on must notice by itself that the other end is gone.
KEEP_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Listener:
    """A connection of its own that hears of placements; `pause` is that of `run_loop`."""

    def __init__(self) -> None:
        self._wrapper: BaseDatabaseWrapper | None = None
        self._connect_at = float("-inf")
        self._heard_at = float("-inf")

    def pause(self, stop: threading.Event, seconds: float) -> None:
        """Until an order is placed in a quiet shop, `seconds` at most."""
        until = time.monotonic() + seconds
        try:
            if not self._hears(seconds):
                stop.wait(max(until - time.monotonic(), 0))
            self._take(0)  # what was placed meanwhile, the next turn finds
        except (Error, psycopg.Error, OSError) as error:
            log.warning("placements are not heard", error=str(error).strip())
            self.close()
            stop.wait(max(until - time.monotonic(), 0))

    def close(self) -> None:
        wrapper, self._wrapper = self._wrapper, None
        if wrapper is not None:
            wrapper.close()

    def _hears(self, seconds: float) -> bool:
        """Whether an order is placed within `seconds`, after a quiet moment."""
        quiet_since = self._heard_at
        return self._take(seconds) and self._heard_at - quiet_since >= QUIET_SECONDS

    def _take(self, seconds: float) -> bool:
        """Whether there was a nudge, waiting for the first one."""
        listening = self._listening()
        if listening is None or not list(listening.notifies(timeout=seconds, stop_after=1)):
            return False
        self._heard_at = time.monotonic()
        return True

    def _listening(self) -> Any:
        """The driver's connection, or None until it is time to try again."""
        if self._wrapper is None:
            if time.monotonic() < self._connect_at:
                return None
            self._connect_at = time.monotonic() + RETRY_SECONDS
            wrapper = connection.copy()
            wrapper.settings_dict["OPTIONS"] = {**wrapper.settings_dict["OPTIONS"], **KEEP_ALIVE}
            with wrapper.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._wrapper = wrapper
        return self._wrapper.connection
