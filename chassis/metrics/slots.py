"""The metric files of a prefork server, one for each worker's slot instead of one for each pid.

A prefork server writes the numbers of each process to files in PROMETHEUS_MULTIPROC_DIR, and a
scrape adds up what all files say. Named by pid, as prometheus_client does it, those of dead
workers pile up for ever (a thousand of them: 4 s a scrape). Named by slot, a worker goes on where
the last one in its place was killed.

    main        the gunicorn master or Celery's main process, which answers the scrape
    0, 1, ...   its workers
    <pid>       whatever else runs with that variable

Import this module before any metric is declared.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

from chassis import process

FOLDER = process.PROMETHEUS_MULTIPROC_DIR
_slot = ""


def lead() -> None:
    """Become the process that answers for all; the folder is emptied."""
    global _slot
    _slot = "main"
    for file in Path(FOLDER).glob("*.db") if FOLDER else ():
        file.unlink()


def take(slot: int) -> None:
    """Become the worker in `slot` and go on with its counts."""
    global _slot
    leave(slot)
    _slot = str(slot)


def leave(slot: int) -> None:
    """The worker in `slot` is dead: drop its live gauges; its counters stay."""
    if FOLDER:
        mark_process_dead(slot, FOLDER)  # type: ignore[no-untyped-call]


if FOLDER:
    values.ValueClass = values.MultiProcessValue(lambda: _slot or str(os.getpid()))  # type: ignore[no-untyped-call]
