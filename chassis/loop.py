"""The loop that runs periodic work, and the advisory lock by which one of several runs it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from zlib import crc32

from django.db import Error, close_old_connections, connection
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from chassis import health, logs
from chassis.metrics.figures import Figure, Figures
from chassis.metrics.progress import Progress
from chassis.metrics.server import serve

log = logs.get_logger(__name__)

UNAPPLIED = Figure(
    "django_migrations_unapplied_total", "Migrations that were not applied.", ("connection",)
)
MAX_PAUSE_SECONDS = 1.0


def run_loop(
    name: str,
    turn: Callable[[], bool | None],
    *,
    interval_seconds: float,
    figures: Sequence[Figures] = (),
    pause: Callable[[threading.Event, float], object] = threading.Event.wait,
) -> None:
    """Call `turn` every `interval_seconds` until SIGTERM or SIGINT; at once again if it says True.

    `pause` waits in between: for the event, for the seconds, or less where something happened.

    The running turn is always finished. A database or Redis that is away is logged and tried again
    with a growing pause; any other exception is a bug and ends the process, whose supervisor starts
    it anew. The metrics port serves `figures` and unapplied migrations, and says whether turns go
    on.
    """
    progress = Progress("turn", is_excused=_database_is_away, pause_seconds=interval_seconds)
    serve(*figures, Figures(_migrations, seconds=60.0), complaint=progress.complaint)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("loop started", loop=name)
    failures = 0
    while not stop.is_set():
        progress.note("turn")
        logs.clear()
        logs.bind(loop=name)
        close_old_connections()
        try:
            again = turn()
            failures = 0
        except (Error, RedisError) as error:
            failures += 1
            again = False
            log.error("turn failed", error=str(error).strip(), failures=failures)
        if not again:
            seconds = interval_seconds * 2 ** min(failures, 8)
            pause(stop, min(seconds, max(interval_seconds, MAX_PAUSE_SECONDS)))
    log.info("loop stopped", loop=name)


def _migrations() -> Iterable[GaugeMetricFamily]:
    """Looked up rarely: each time every migration file is read."""
    yield UNAPPLIED.of({(connection.alias,): len(health.pending_migrations())})


def _database_is_away() -> bool:
    """While the database is away, a turn that hangs is no reason to restart the process."""
    try:
        return health.database() != "ok"
    finally:
        connection.close()  # of the probe's own thread


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Whether this session holds PostgreSQL's advisory lock `name`; never waits for it."""
    key = crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held: bool = cursor.fetchone()[0]
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
