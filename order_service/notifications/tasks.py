"""The tasks of queues `notifications` and `owner`: look at these deliveries."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from celery import shared_task

from order_service.mail_settings import INTERRUPTED_AFTER, KILLED_AFTER, LONGEST_TIMEOUT
from order_service.notifications import actions

# Seconds after a task's beginning in which its mails begin: the last one can wait for the longest
# answer, and is interrupted only after that.
BEGIN_WITHIN = INTERRUPTED_AFTER - LONGEST_TIMEOUT - 1.0


class _Turn:
    """A lock among the processes of a worker: one of them sends mails."""

    def __init__(self) -> None:
        # Opened before the worker forks, so all its processes lock the same file. The kernel
        # unlocks what a killed one held.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Gives True if the lock is free."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


_turn = _Turn()


def _deliver(delivery_ids: list[int] | int) -> None:
    """One process of a worker sends: a slow mail server must not hold all that orders need.

    A process that finds another one at it leaves its deliveries to that one: whoever has sent looks
    for what was announced meanwhile, after it gave its turn away. So nothing is left over, and
    nobody waits. While the mail server is away nobody looks: what is left is announced again.
    What another worker has under way is passed over: it would be found again and again.

    A single id is how the version before wrote a message, and how its workers read one.
    """
    until = time.monotonic() + BEGIN_WITHIN
    waiting = [delivery_ids] if isinstance(delivery_ids, int) else delivery_ids
    elsewhere: set[int] = set()
    while waiting and time.monotonic() < until:
        with _turn.taken() as is_ours:
            if not is_ours:
                return
            is_there = actions.deliver_together(waiting, until=until)
        if is_there is False:
            return
        if is_there is None:
            elsewhere.update(waiting)
        waiting = actions.announced(besides=elsewhere)
    if waiting:
        actions.give_back(waiting)


_task = partial(shared_task, soft_time_limit=INTERRUPTED_AFTER, time_limit=KILLED_AFTER)
deliver = _task(name="order_service.notifications.deliver")(_deliver)
deliver_to_owner = _task(name="order_service.notifications.deliver_to_owner")(_deliver)
