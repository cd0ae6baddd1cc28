"""Whether a process gets on with its work, for its liveness probe."""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis import process

LONGEST_SECONDS = process.PROGRESS_SECONDS


class Progress:
    """Remembers when each thing that has to go on happened last.

    `is_excused` is asked when something is overdue: while what the process needs is away, a new
    process would get no further, so it counts as having happened. `pause_seconds` is how long it
    rests by plan.
    """

    def __init__(
        self, *happenings: str, is_excused: Callable[[], bool], pause_seconds: float = 0
    ) -> None:
        self._last = dict.fromkeys(happenings, time.monotonic())
        self._is_excused = is_excused
        self._pause_seconds = pause_seconds

    def note(self, happening: str) -> None:
        self._last[happening] = time.monotonic()

    def complaint(self) -> str | None:
        """What is overdue, or None if all is well."""
        oldest = time.monotonic() - LONGEST_SECONDS - self._pause_seconds
        overdue = [happening for happening, at in self._last.items() if at < oldest]
        if overdue and self._is_excused():
            for happening in overdue:
                self.note(happening)
            return None
        return f"not for {LONGEST_SECONDS:g} s: {', '.join(overdue)}" if overdue else None
