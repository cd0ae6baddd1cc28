"""The task of queue `notifications`: look at one delivery."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task

from order_service.mail_settings import INTERRUPTED_AFTER, KILLED_AFTER
from order_service.notifications import actions

PATIENCE_SECONDS = 0.25  # longer than a mail takes as a rule, and short for an order that waits
POLL_SECONDS = 0.02
# Opened before the worker forks, so all its processes lock the same file. The kernel unlocks what
# a killed one held.
_turn = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process


@shared_task(
    name="order_service.notifications.deliver",
    soft_time_limit=INTERRUPTED_AFTER,
    time_limit=KILLED_AFTER,
)
def deliver(delivery_id: int) -> None:
    """One mail at a time in a worker: a slow mail server must not hold all that orders need.

    A delivery that finds another one on its way is announced again by the dispatcher.
    """
    with _one_at_a_time() as is_ours:
        if is_ours:
            actions.deliver(delivery_id)


@contextmanager
def _one_at_a_time() -> Iterator[bool]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (is_ours := _lock()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    try:
        yield is_ours
    finally:
        if is_ours:
            fcntl.lockf(_turn, fcntl.LOCK_UN)


def _lock() -> bool:
    try:
        fcntl.lockf(_turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
