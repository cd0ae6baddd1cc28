"""Whether a process makes progress, for its liveness probe."""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis import process

LONGEST_SECONDS = process.PROGRESS_SECONDS


class Progress:
    """Remembers when each of `happenings`, which must not stop, happened last.

    `is_excused` is called when one is overdue. If it is true, the happening counts as on time: what
    the process needs is away, so a restart would not help. `pause_seconds` is the planned pause
    between two.
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
