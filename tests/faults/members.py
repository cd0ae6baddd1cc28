"""Processes that are kept alive, and what a nemesis does to them.

Like the shop's supervisor, the keeper starts a dead program again once its whole process group is
gone; unlike it, it can be told to leave one dead for a while.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import copies
from deploy.local.program import (
    Program,
    end_group,
    group_lives,
    last_lines,
    members,
    signal_group,
    spawn,
)
from tests.faults import usage

POLL_SECONDS = 0.05
RESTART_SECONDS = 0.5  # from a death to the new start
# Programs without a port say in their log when they have begun to work.
READY_WORDS = {
    "order-worker": b"ready.",
    "order-dispatcher": b"loop started",
    "product-worker": b"ready.",
    "product-sweep": b"loop started",
    "storefront-sweep": b"loop started",
}


@dataclass
class Member:
    """A program, its running process, and whether it may be started again when dead."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes]
    pids: list[int] = field(default_factory=list)  # every process that ever led it
    log_begins: int = 0  # where the running process began to write
    is_held: bool = False
    restart_at: float | None = None

    @property
    def is_up(self) -> bool:
        return self.process.poll() is None and self._says_ready() and self.program.is_ready()

    def signal(self, number: signal.Signals) -> None:
        signal_group(self.process.pid, number)

    def _says_ready(self) -> bool:
        words = READY_WORDS.get(self.program.name.removesuffix("-2"))
        if words is None:
            return True
        with self.log.open("rb") as log:
            log.seek(self.log_begins)
            return words in log.read()

    def children(self) -> list[int]:
        """Worker children of Celery or workers of gunicorn: all of the group but its leader."""
        return [pid for pid in members(self.process.pid) if pid != self.process.pid]


class Members:
    """All programs of a system under one keeper thread."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._by_name: dict[str, Member] = {}
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __getitem__(self, name: str) -> Member:
        return self._by_name[name]

    def names(self) -> list[str]:
        return list(self._by_name)

    def start(self, programs: Iterable[Program]) -> None:
        """Start programs and return when all are ready. Raises RuntimeError with their log."""
        started = []
        for program in programs:
            log = self._logs / f"{program.name}.log"
            process = spawn(program, log)
            member = Member(program, log, process, [process.pid])
            self._by_name[program.name] = member
            started.append(member)
        for member in started:
            _wait_until_up(member, may_die=False)
        if not self._keeper.is_alive() and not self._stopping.is_set():
            self._keeper.start()

    def groups(self) -> list[int]:
        """Process groups of all programs that run now."""
        return [member.process.pid for member in self._by_name.values()]

    def kill(self, name: str, *, hold: bool = False) -> None:
        """SIGKILL to the whole group, as when a machine or container dies."""
        self._by_name[name].is_held = hold
        self._by_name[name].signal(signal.SIGKILL)

    def release(self, name: str) -> None:
        """Let the keeper start it again."""
        self._by_name[name].is_held = False

    def wait_until_up(self, *names: str) -> None:
        for name in names or tuple(self._by_name):
            _wait_until_up(self._by_name[name])

    def memory_bytes(self) -> Mapping[str, int]:
        """Proportional set size of each program, shared pages counted once (Linux only)."""
        return usage.memory_bytes(self._leaders() | copies.leaders())

    def cpu_seconds(self) -> Mapping[str, float]:
        """CPU time of each program since it was last started (Linux only)."""
        return usage.cpu_seconds(self._leaders())

    def stop(self) -> None:
        """Kill everything that this object ever started; nothing is left behind."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for member in reversed(self._by_name.values()):
            for pid in member.pids:
                if group_lives(pid):
                    end_group(pid)
            member.process.wait()

    def _leaders(self) -> dict[str, int]:
        return {name: member.process.pid for name, member in self._by_name.items()}

    def _keep(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for member in list(self._by_name.values()):
                if member.process.poll() is not None:
                    self._revive(member)

    def _revive(self, member: Member) -> None:
        if member.restart_at is None:
            end_group(member.process.pid)
            member.restart_at = time.monotonic() + RESTART_SECONDS
        elif not member.is_held and time.monotonic() >= member.restart_at:
            member.restart_at = None
            member.log_begins = member.log.stat().st_size
            member.process = spawn(member.program, member.log)
            member.pids.append(member.process.pid)


def _wait_until_up(member: Member, *, may_die: bool = True) -> None:
    deadline = time.monotonic() + member.program.ready_seconds
    while not member.is_up:
        is_dead = member.process.poll() is not None and not may_die
        if is_dead or time.monotonic() > deadline:
            lines = "\n".join(last_lines(member.log))
            raise RuntimeError(f"{member.program.name} did not start:\n{lines}")
        time.sleep(POLL_SECONDS)
