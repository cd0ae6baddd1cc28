"""The tasks of queues `notifications` and `owner`: look at one delivery."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from celery import shared_task

from order_service.mail_settings import INTERRUPTED_AFTER, KILLED_AFTER
from order_service.notifications import actions

PATIENCE_SECONDS = 0.25  # longer than a mail takes as a rule, and short for an order that waits
POLL_SECONDS = 0.02
BUSY_SECONDS = 5.0  # after a wait that did not help, nobody waits for so long


class _Turn:
    """A lock among the processes of a worker: one mail at a time."""

    def __init__(self) -> None:
        # Opened before the worker forks, so all its processes lock the same file. The kernel
        # unlocks what a killed one held.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._busy_until = 0.0

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Gives True if the lock was free in time."""
        is_ours = self._wait()
        try:
            yield is_ours
        finally:
            if is_ours:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _wait(self) -> bool:
        """If waiting did not help, nobody waits for a while: orders need the processes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (is_ours := self._lock()) and self._busy_until < time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if not is_ours and time.monotonic() >= deadline:
            self._busy_until = time.monotonic() + BUSY_SECONDS
        return is_ours

    def _lock(self) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_turn = _Turn()


def _deliver(delivery_id: int) -> None:
    """One mail at a time in a worker: a slow mail server must not hold all that orders need.

    A delivery that finds another one on its way is announced again by the dispatcher.
    """
    with _turn.taken() as is_ours:
        if is_ours:
            actions.deliver(delivery_id)


_task = partial(shared_task, soft_time_limit=INTERRUPTED_AFTER, time_limit=KILLED_AFTER)
deliver = _task(name="order_service.notifications.deliver")(_deliver)
deliver_to_owner = _task(name="order_service.notifications.deliver_to_owner")(_deliver)
