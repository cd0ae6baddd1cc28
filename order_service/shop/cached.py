"""Rows that change a few times a year and are read by every quote: kept by each process for 5 s."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import Error, transaction

from chassis.logs import get_logger

log = get_logger(__name__)

Value = TypeVar("Value")
LIFE_SECONDS = 5.0


class Cached(Generic[Value]):
    """What `read` says, at most LIFE_SECONDS old; all threads of a process share it.

    So a change is in force everywhere after LIFE_SECONDS, and at once in the process that made it
    and called `forget`. While the database cannot be read, the last value stays in force. Raises
    the database's error when there is none yet.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._found: Value | None = None
        self._read_again_at = 0.0

    def __call__(self) -> Value:
        found = self._found
        if found is not None and time.monotonic() < self._read_again_at:
            return found
        # One thread reads; who has an old value does not wait for it.
        if not self._lock.acquire(blocking=found is None):
            return found  # type: ignore[return-value]  # not None: it would have waited
        try:
            if self._found is None or time.monotonic() >= self._read_again_at:
                self._found = self._read_or_keep()
                self._read_again_at = time.monotonic() + LIFE_SECONDS
            return self._found
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read anew at the next call; the last value is no longer good even without a database."""
        self._found = None

    def forget_on_commit(self) -> None:
        """Call it in the transaction that changes the rows."""
        transaction.on_commit(self.forget)

    def _read_or_keep(self) -> Value:
        try:
            return self._read()
        except Error as error:
            if self._found is None:
                raise
            log.warning("settings of the shop cannot be read", error=str(error).strip())
            return self._found
