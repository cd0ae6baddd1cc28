"""CPU time by program, and of the machine, from one moment to another (Linux only)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults import usage
from tests.faults.members import Members


@dataclass(frozen=True)
class Used:
    """CPU milliseconds for each of what was counted."""

    by_program: Mapping[str, float]
    machine: float  # everything that ran, without the load generator

    @property
    def all(self) -> float:
        """All programs of the shop together."""
        return sum(self.by_program.values())


class Meter:
    """Counts from the moment it is made."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._programs = members.cpu_seconds()
        self._machine = _machine_seconds()

    def each(self, count: int) -> Used:
        """What was used since then, divided by `count`."""
        now, machine = self._members.cpu_seconds(), _machine_seconds()
        used = {name: now[name] - self._programs.get(name, 0.0) for name in now}
        milliseconds = {name: seconds * 1000 / count for name, seconds in used.items()}
        return Used(milliseconds, (machine - self._machine) * 1000 / count)


def _machine_seconds() -> float:
    """Of the whole machine but this process, which buys and would not run on a shop's machine."""
    busy, _ = usage.machine_ticks()
    return busy * usage.TICK_SECONDS - time.process_time()


def used_by_programs(used: Used) -> str:
    parts = sorted(used.by_program.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {spent:.1f}" for name, spent in parts if spent >= 0.1)
