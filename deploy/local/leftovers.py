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
    is_still,
    signal_group,
    started_at,
)

GRACE_SECONDS = 5.0


class Records:
    """processes.json: what runs now."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._entries: dict[str, Any] = {}

    def add(self, program: Program, pid: int) -> None:
        self._entries[program.name] = {
            **identity(pid),
            "stage": program.stage,
            "signal": int(program.stop_signal),
        }
        self._folder.write("processes", self._entries)

    def remove(self, name: str) -> None:
        self._entries.pop(name, None)
        self._folder.write("processes", self._entries)


def pid_of(folder: RunFolder, name: str) -> int | None:
    """The recorded process if it still runs."""
    entry = folder.read("processes").get(name)
    return entry["pid"] if entry and _is_ours(entry) else None


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
        _wait_for_end([group["pid"] for group in groups], grace_seconds)
        for group in groups:
            end_group(group["pid"])
    folder.write("processes", {})
    return list(left)


def _is_ours(entry: dict[str, Any]) -> bool:
    pid = entry["pid"]
    is_orphaned = entry.get("boot") == boot() and started_at(pid) is None and group_lives(pid)
    return is_still(entry) or is_orphaned


def _wait_for_end(groups: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(group_lives(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
