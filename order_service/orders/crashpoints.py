"""Named places at which a test may kill the process, exactly there, or stop it for a while.

Armed only when CHAOS=1 and CRASH_AT names the place: `captured_not_stored`, or for the third time
that a process comes there, which is the third order of a set, `captured_not_stored:3`. CRASH_ONCE
names a file whose removal marks the crash as done, so that the next process lives; CRASH_SIGNAL is
SIGKILL, or SIGSTOP for a worker that sleeps past its lease. In production a crash point is one
comparison.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

from django.conf import settings

_passed: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Die here if this very place is armed."""
    if not settings.CHAOS:
        return
    place, _, time = os.environ.get("CRASH_AT", "").partition(":")
    if place != name:
        return
    _passed[name] += 1
    if _passed[name] < int(time or 1):
        return
    if marker := os.environ.get("CRASH_ONCE"):
        try:
            Path(marker).unlink()
        except FileNotFoundError:
            return
    os.kill(os.getpid(), signal.Signals[os.environ.get("CRASH_SIGNAL", "SIGKILL")])
