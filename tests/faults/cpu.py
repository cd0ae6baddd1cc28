"""How much of the machine others used during a run, so that time bounds are fair (Linux only).

A fault run starts heavy processes all the time. With the machine to itself an order recovers
within 15 s; beside three other test processes everything takes a multiple, and that is no fault
of the shop. So bounds of time, and of nothing else, are stretched by what others took away.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tests.faults import usage
from tests.faults.members import Members

SAMPLE_SECONDS = 2.0
STRETCH_AT_MOST = 4.0


class Neighbours:
    """Measures while it is entered; `share` is what others used of all cores' time."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)
        self._own: dict[int, int] = {}  # ticks by pid, as last seen
        self._own_total = 0
        self.share = 0.0

    def __enter__(self) -> Neighbours:
        if Path("/proc/stat").exists():
            self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def stretch(self) -> float:
        """The factor for bounds of time: 1.0 on a machine of our own."""
        return min(1 / max(1 - self.share, 0.01), STRETCH_AT_MOST)

    def _measure(self) -> None:
        busy, total = usage.machine_ticks()
        self._count_own()
        self._own_total = 0
        while not self._done.wait(SAMPLE_SECONDS):
            self._count_own()
            now_busy, now_total = usage.machine_ticks()
            others = max(now_busy - busy - self._own_total, 0)
            self.share = others / max(now_total - total, 1)

    def _count_own(self) -> None:
        """Add what every process of ours used since the last time; dead ones are forgotten."""
        seen = usage.ticks_of_groups([*self._members.groups(), os.getpgrp()])
        self._own_total += sum(used - self._own.get(pid, 0) for pid, used in seen.items())
        self._own = seen
