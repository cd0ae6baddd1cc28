"""What the worker does, counted by Celery's signals: no events and no exporter beside it.

The main process serves the metrics port and never runs a task; its children run them and count,
each in the slot of its place in the pool. A task whose child is killed was started and never
ended. Names are those of celery-exporter.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from typing import Any
from wsgiref.simple_server import WSGIServer

import redis
from billiard.process import current_process
from celery import Celery, Task, signals
from celery.worker import state
from django.conf import settings
from prometheus_client import Counter, Histogram

from chassis import health
from chassis.metrics import slots
from chassis.metrics.figures import Figure, Figures
from chassis.metrics.progress import Progress
from chassis.metrics.server import serve
from chassis.worker.messages import PUBLISHED_AT, rows_of

LABELS = ["name", "queue_name"]
SENT = Counter("celery_task_sent_total", "Messages put into a queue.", LABELS)
STARTED = Counter("celery_task_started_total", "Tasks that a child began.", LABELS)
SUCCEEDED = Counter("celery_task_succeeded_total", "Tasks that ended well.", LABELS)
FAILED = Counter("celery_task_failed_total", "Tasks that raised.", [*LABELS, "exception"])
REJECTED = Counter("celery_task_rejected_total", "Messages that name no task of ours.", LABELS)
FINISHED = Counter(
    "techcommerce_queue_finished_total",
    "Rows (orders, deliveries, jobs) in the messages of tasks that ended well.",
    ["queue_name"],
)
RUNTIME = Histogram(
    "celery_task_runtime",
    "Seconds from the beginning of a task to its end.",
    ["name"],
    buckets=[0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
)
QUEUE_WAIT = Histogram(
    "celery_task_queue_wait_time",
    "Seconds from the announcement to the beginning of the task.",
    ["queue_name"],
    buckets=[0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800],
)
POOL_SIZE = Figure("celery_worker_pool_size", "Children of the worker.")
POOL_BUSY = Figure("celery_worker_pool_busy", "Children that run a task.")

COMMON_FAILURES = ("OperationalError", "SoftTimeLimitExceeded", "TimeLimitExceeded")
TICK, BEGIN = "turn of the event loop", "task begun while messages wait"


class TaskMetrics:
    """The signals of one Celery app, in every process that has imported it."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._began: dict[str, float] = {}
        self._server: WSGIServer | None = None
        self._queue = cache(self._find_queue)
        for signal, receiver in (
            (signals.after_task_publish, self._sent),
            (signals.task_prerun, self._started),
            (signals.task_success, self._succeeded),
            (signals.task_failure, self._failed),
            (signals.task_postrun, self._ended),
            (signals.task_unknown, self._rejected),
            (signals.task_rejected, self._rejected),
            (signals.celeryd_after_setup, self._lead),
            (signals.worker_process_init, self._follow),
        ):
            signal.connect(receiver, weak=False)

    def begin_at_zero(self) -> None:
        """Begin the series of all tasks, see chassis.metrics.series."""
        for name in self._app.tasks:
            if not name.startswith("celery."):
                queue = self._queue(name)
                for counter in (SENT, STARTED, SUCCEEDED):
                    counter.labels(name, queue)
                for exception in COMMON_FAILURES:
                    FAILED.labels(name, queue, exception)
                RUNTIME.labels(name)
                QUEUE_WAIT.labels(queue)
                FINISHED.labels(queue)
        REJECTED.labels("unknown", "unknown")

    def _find_queue(self, name: str) -> str:
        return str(self._app.amqp.router.route({}, name)["queue"].name)

    def _sent(self, sender: str, **kwargs: Any) -> None:
        SENT.labels(sender, self._queue(sender)).inc()

    def _started(self, task_id: str, task: Task[Any, Any], **kwargs: Any) -> None:
        self._began[task_id] = time.monotonic()
        queue = self._queue(task.name)
        STARTED.labels(task.name, queue).inc()
        if published_at := (task.request.headers or {}).get(PUBLISHED_AT):
            waited = datetime.now(UTC) - datetime.fromisoformat(published_at)
            QUEUE_WAIT.labels(queue).observe(max(waited.total_seconds(), 0))

    def _succeeded(self, sender: Task[Any, Any], **kwargs: Any) -> None:
        queue = self._queue(sender.name)
        SUCCEEDED.labels(sender.name, queue).inc()
        FINISHED.labels(queue).inc(sum(rows_of(each) for each in sender.request.args or ()))

    def _failed(self, sender: Task[Any, Any], exception: BaseException, **kwargs: Any) -> None:
        """In the child, or in the main process for one that had to be killed for its time."""
        FAILED.labels(sender.name, self._queue(sender.name), type(exception).__name__).inc()

    def _ended(self, task_id: str, task: Task[Any, Any], **kwargs: Any) -> None:
        RUNTIME.labels(task.name).observe(time.monotonic() - self._began.pop(task_id))

    def _rejected(self, **kwargs: Any) -> None:
        REJECTED.labels("unknown", "unknown").inc()

    def _lead(self, instance: Any, **kwargs: Any) -> None:
        """The main process, before it forks a child."""
        slots.lead()
        self.begin_at_zero()
        alive = WorkerProgress(list(self._app.amqp.queues.consume_from))
        instance.timer.call_repeatedly(1.0, alive.note, (TICK,))
        pool = Figures(
            lambda: [
                POOL_SIZE.of({(): instance.concurrency}),
                POOL_BUSY.of({(): len(state.active_requests)}),
            ]
        )
        self._server = serve(pool, is_prefork=True, complaint=alive.complaint)

    def _follow(self, **kwargs: Any) -> None:
        slots.take(current_process().index)  # type: ignore[attr-defined]
        if self._server is not None:
            self._server.socket.close()


class WorkerProgress(Progress):
    """Checks that the event loop runs and, while messages wait, that tasks begin.

    Ends need no check: no task runs for longer than 30 s. While Redis is away nothing is overdue:
    without it the loop stands still and no task can begin.
    """

    def __init__(self, queues: list[str]) -> None:
        super().__init__(TICK, BEGIN, is_excused=_redis_is_away)
        self._queues = queues
        self._begun = 0
        self._redis = health.redis_client(settings.REDIS_URL)

    def complaint(self) -> str | None:
        begun = state.all_total_count[0]
        if begun != self._begun or not self._messages_wait():
            self.note(BEGIN)
        self._begun = begun
        return super().complaint()

    def _messages_wait(self) -> bool:
        try:
            return any(self._redis.llen(queue) for queue in self._queues)
        except redis.RedisError:
            return False


def _redis_is_away() -> bool:
    return health.redis_server(settings.REDIS_URL) != "ok"
