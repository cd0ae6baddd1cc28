"""Tunes the garbage collector. gunicorn, the worker and manage.py call `tune()` once, at start."""

from __future__ import annotations

import atexit
import gc


def tune() -> None:
    """Raise the collector's thresholds, and skip the collection at the end of the process.

    What a start imports stays for good, and nearly all that a request makes is freed by counting
    references. The collection at the end cost a management command a third of its time; so what
    must be written by then is closed or flushed, never left to a finaliser.
    """
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)


def share() -> None:
    """Keep what is here out of every later collection; a server calls it before it forks.

    A collection writes to each object that it looks at, and a page written to is shared no more.
    """
    gc.freeze()
