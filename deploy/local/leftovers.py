"""Processes of a supervisor that was killed itself: recorded at their start, ended later.

A record names a process by boot, pid and start time, so a pid that was given to somebody else since
is never touched. A group whose leader is gone keeps its number until its last member is gone.
"""

from __future__ import annotations

import signal
import time
from typing import Any

from deploy.local.folder import RunFolder
from deploy.local.program import (
    Program,
    boot,
    end_group,
    group_lives,
    identity,
    signal_group,
    started_at,
)

GRACE_SECONDS = 5.0


def record(program: Program, pid: int) -> dict[str, Any]:
    """The entry of a program that was just started in processes.json."""
    return {**identity(pid), "stage": program.stage, "signal": int(program.stop_signal)}


def find(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """Recorded groups that still have a process, the last to be stopped last."""
    alive = {name: each for name, each in folder.read("processes").items() if _is_ours(each)}
    return dict(sorted(alive.items(), key=lambda item: -item[1]["stage"]))


def end(folder: RunFolder, *, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """End what a killed supervisor left, servers last; the names of what was ended."""
    left = find(folder)
    for stage in sorted({each["stage"] for each in left.values()}, reverse=True):
        groups = [each for each in left.values() if each["stage"] == stage]
        for group in groups:
            signal_group(group["pid"], signal.Signals(group["signal"]))
            signal_group(group["pid"], signal.SIGCONT)  # a frozen process hears nothing else
        deadline = time.monotonic() + grace_seconds
        while any(group_lives(each["pid"]) for each in groups) and time.monotonic() < deadline:
            time.sleep(0.05)
        for group in groups:
            end_group(group["pid"])
    if left:
        folder.write("processes", {})
    return list(left)


def _is_ours(entry: dict[str, Any]) -> bool:
    """Its leader is looked at once: one that ends at this moment is there or gone."""
    if entry.get("boot") != boot():
        return False
    started = started_at(entry["pid"])
    return group_lives(entry["pid"]) if started is None else bool(started == entry["started"])
