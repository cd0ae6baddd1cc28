"""The dispatcher: finds what is due in PostgreSQL and tells the workers, or does it itself.

A turn, every 200 ms or at once for an order in a quiet shop, in two replicas:

    Redis answers      announce due orders while their queue is short, then due deliveries, which
                       wait 5 s at most while many orders do
    Redis is away      after 10 s do the work here, at most INLINE_PER_TURN orders a turn
    once a minute      sweep what is kept too long and reconcile, where the lock is held

It keeps nothing in memory that matters: killed at any point, the next one goes on.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import Task
from django.conf import settings
from django.db import Error, close_old_connections, connection
from prometheus_client import Gauge

from chassis import logs
from chassis.loop import advisory_lock
from order_service.audit.reconciler import reconcile
from order_service.dispatch.broker import Broker, BrokerAway
from order_service.dispatch.due import DELIVERIES, NOTIFICATIONS, ORDERS, OWNER, Due, Key, take
from order_service.notifications.actions import LARGEST_SET as MAILS_TOGETHER
from order_service.notifications.actions import RESENDS, deliver
from order_service.notifications.tasks import deliver as deliver_task
from order_service.notifications.tasks import deliver_to_owner
from order_service.orders.crashpoints import crashpoint
from order_service.pipeline.tasks import advance_orders
from order_service.retention import RETENTION

log = logs.get_logger(__name__)

RELAY_SUCCESS = Gauge(
    "techcommerce_outbox_relay_last_success_timestamp_seconds",
    "When the dispatcher last did its round, with or without something to do.",
    multiprocess_mode="mostrecent",
)
RECONCILED = Gauge(
    "techcommerce_invariant_last_run_timestamp_seconds",
    "When the books were last compared.",
    multiprocess_mode="mostrecent",
)

TAKE_AT_MOST = 200
SHORTEST_FULL_QUEUE = 200  # orders or deliveries
LARGEST_SET = 32  # orders in a message
TOGETHER = 8  # orders or mails that take one process hardly longer than one does
FEW_ORDERS = 8  # soon done, so no mail waits for them
ORDERS_FIRST = timedelta(seconds=5)  # the longest that mails wait while more orders do
AT_ONCE = timedelta(0)
SHARES = 4  # messages that a turn's orders are dealt out to, so that several workers have some
MAIL_SHARES = 2  # of a worker one process sends mails, so these are for two workers
INLINE_PER_TURN = 2  # about 10 orders a second: a shop goes on, a database is not overrun
PROBE_SECONDS = 1.0  # how often an absent Redis is asked
INLINE_MAIL_TIMEOUT = 5.0  # seconds for each answer, so that all of them end before a stop does


@dataclass(frozen=True)
class Outbox:
    """What is due and the task that does it; the same way for orders and deliveries."""

    due: Due[Any]
    task: Task[Any, Any]
    argument: Callable[[Sequence[Any]], object]  # of a message about these rows
    largest: int
    shares: int
    patience: int = 1  # times ORDER_RESEND until an announced row is announced again

    def messages(self, keys: Sequence[Any], *, are_busy: bool) -> Iterator[object]:
        """Few rows each, so that every worker has some; many where all have enough to do."""
        share = self.largest if are_busy else -(-len(keys) // self.shares)
        size = min(self.largest, max(TOGETHER, share))
        for start in range(0, len(keys), size):
            yield self.argument(keys[start : start + size])


def _orders(ids: Sequence[uuid.UUID]) -> list[str]:
    return list(map(str, ids))


def _mails(ids: Sequence[int]) -> list[int] | int:
    """One id by itself: a worker of the version before reads no other message."""
    return list(ids) if len(ids) > 1 else ids[0]


OUTBOX = Outbox(ORDERS, advance_orders, _orders, LARGEST_SET, SHARES)
MAIL_OUTBOXES = (
    Outbox(NOTIFICATIONS, deliver_task, _mails, MAILS_TOGETHER, MAIL_SHARES, RESENDS),
    Outbox(OWNER, deliver_to_owner, _mails, MAILS_TOGETHER, MAIL_SHARES, RESENDS),
)


class Backlog:
    """How many rows a queue may hold in its messages: ten seconds of what the workers finish."""

    def __init__(self) -> None:
        self._expected = 0
        self._finished_per_second = 0.0
        self._looked_at = time.monotonic()

    def room(self, depth: int) -> int:
        """How many rows may be added to a queue that holds `depth` now."""
        now = time.monotonic()
        elapsed = max(now - self._looked_at, 0.001)
        finished = max(self._expected - depth, 0) / elapsed
        self._finished_per_second = max(finished, self._finished_per_second * 0.8)
        self._expected, self._looked_at = depth, now
        return max(int(max(SHORTEST_FULL_QUEUE, 10 * self._finished_per_second)) - depth, 0)

    def is_enough(self, depth: int) -> bool:
        """Whether so many rows keep every worker busy until the next turn."""
        until_then = self._finished_per_second * settings.DISPATCH_INTERVAL_SECONDS
        return depth >= max(SHARES * TOGETHER, until_then)

    def added(self, rows: int) -> None:
        self._expected += rows


class Dispatcher:
    """One replica. `turn()` is the loop's body."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._backlogs = {due.queue: Backlog() for due in (ORDERS, *DELIVERIES)}
        self._away_since: float | None = None
        self._probe_at = 0.0
        self._reconcile_at = time.monotonic() + settings.RECONCILE_SECONDS
        self._reconciling: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(INLINE_PER_TURN, thread_name_prefix="inline")
        self._mail_pool = ThreadPoolExecutor(INLINE_PER_TURN, thread_name_prefix="mail")
        self._mails: list[Future[None]] = []

    def turn(self) -> bool:
        """Announce or do what is due; True if there is more at once."""
        self._reconcile_if_due()
        has_more = False
        if time.monotonic() >= self._probe_at:
            try:
                has_more = self._announce_all()
                if self._away_since is not None:
                    away_for = time.monotonic() - self._away_since
                    log.info("redis is back", seconds=round(away_for, 1))
                self._away_since = None
            except BrokerAway as error:
                self._note_absence(error)
        if self._away_since is not None:
            away_for = time.monotonic() - self._away_since
            if away_for < settings.INLINE_AFTER.total_seconds():
                return False
            self._work_inline()
        RELAY_SUCCESS.set_to_current_time()
        return has_more

    def _announce_all(self) -> bool:
        """Orders first: mails take no worker from them before they are due for a while."""
        waiting, has_more = self._announce(OUTBOX)
        mails_wait = ORDERS_FIRST if waiting > FEW_ORDERS else AT_ONCE
        for outbox in MAIL_OUTBOXES:
            _, more_mails = self._announce(outbox, mails_wait)
            has_more = has_more or more_mails
        return has_more

    def _announce(self, outbox: Outbox, waited: timedelta = AT_ONCE) -> tuple[int, bool]:
        """What is due for `waited`. Returns how many rows the queue holds after that, and True if
        there is more at once."""
        queue = outbox.due.queue
        backlog = self._backlogs[queue]
        depth, oldest = self._broker.look(queue)
        room = min(backlog.room(depth), TAKE_AT_MOST)
        if not room:
            return depth, False
        again = settings.ORDER_RESEND * outbox.patience
        taken = take(outbox.due, limit=room, oldest=oldest, again=again, waited=waited)
        if not taken:
            return depth, False
        crashpoint("taken_not_announced")
        # By id is as they were placed; PostgreSQL returns them in any order.
        keys = sorted(key for key, _ in taken)
        for message in outbox.messages(keys, are_busy=backlog.is_enough(depth)):
            self._broker.publish(outbox.task, message, queue=queue, at=taken[0][1])
        backlog.added(len(taken))
        return depth + len(taken), len(taken) == TAKE_AT_MOST

    def _note_absence(self, error: BrokerAway) -> None:
        now = time.monotonic()
        self._probe_at = now + PROBE_SECONDS
        if self._away_since is None:
            self._away_since = now
            log.error("redis is away", error=str(error))

    def _work_inline(self) -> None:
        """Orders never wait for mails: a mail server may take its time."""
        orders = _take_here(ORDERS, INLINE_PER_TURN)
        if all(mail.done() for mail in self._mails):
            ids: list[int] = []
            for due in DELIVERIES:
                ids += _take_here(due, INLINE_PER_TURN - len(ids))
            self._mails = [self._mail_pool.submit(_deliver_here, each) for each in ids]
        for advanced in [self._pool.submit(_advance_here, each) for each in orders]:
            try:
                advanced.result()
            except Error:
                raise  # the loop waits for the database
            except Exception:  # a bug in one order must not stop the turns after it
                log.exception("inline work failed")

    def _reconcile_if_due(self) -> None:
        """In a thread of its own: it talks to other services and may take a while."""
        is_running = self._reconciling is not None and self._reconciling.is_alive()
        if is_running or time.monotonic() < self._reconcile_at:
            return
        self._reconcile_at = time.monotonic() + settings.RECONCILE_SECONDS
        self._reconciling = threading.Thread(target=_reconcile, name="reconciler", daemon=True)
        self._reconciling.start()


def _take_here(due: Due[Key], limit: int) -> list[Key]:
    taken = take(due, limit=limit, oldest=None, again=settings.ORDER_LEASE)
    return [key for key, _ in taken]


def _advance_here(order_id: uuid.UUID) -> None:
    logs.clear()
    close_old_connections()
    advance_orders([str(order_id)])


def _deliver_here(delivery_id: int) -> None:
    """Nobody asks how it ended, so the boundary around an inline mail is here."""
    logs.clear()
    close_old_connections()
    try:
        deliver(delivery_id, timeout=INLINE_MAIL_TIMEOUT)
    except Exception:
        log.exception("inline mail failed")


def _reconcile() -> None:
    logs.bind(loop="reconciler")
    try:
        with advisory_lock("reconciler") as is_ours:
            if is_ours:
                RETENTION.sweep()
                reconcile()
                RECONCILED.set_to_current_time()
    except Error as error:
        log.error("reconciler stopped by the database", error=str(error).strip())
    finally:
        connection.close()
