"""A program of the shop, how one is started, and how its whole process group is ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import copies
from deploy.local.failures import Expected
from deploy.local.folder import ROOT
from deploy.local.inherited import reset_signals

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Account:
    """The user that runs a program instead of root."""

    uid: int
    gid: int


def may_enter(folder: Path) -> bool:
    """Whether any account comes through to what lies in the folder."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


@dataclass(frozen=True)
class Program:
    """One entry of the supervisor's table."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    stage: int  # stopped from the highest to the lowest; all of one stage together
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0  # then the group is killed
    ready_seconds: float = 40.0
    account: Account | None = None
    folder: Path = ROOT  # where it works, unless an account of its own may be unable to enter
    may_be_copy: bool = False  # of deploy.local.preloaded: argv is the .venv's Python, -m or a file


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start a program as the leader of a session of its own, writing to its log file.

    Ctrl-C in the terminal therefore reaches only the supervisor, and on Linux the kernel sends the
    program its stop signal when the supervisor itself is killed.
    """
    if copy := _copied(program, log):
        return copy
    account = program.account
    with log.open("ab") as output:
        return subprocess.Popen(
            program.argv,
            env=dict(program.environment),
            cwd="/" if account else program.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_before_exec(program.stop_signal),
        )


def _copied(program: Program, log: Path) -> copies.Copy | None:
    """The program as a copy; None where it is started as itself."""
    if not (program.may_be_copy and program.folder == ROOT and sys.platform.startswith("linux")):
        return None
    wanted = copies.Wanted(
        program.name, program.argv, program.environment, str(log), int(program.stop_signal)
    )
    return copies.start(wanted, _before_exec(signal.SIGTERM))


def _before_exec(stop_signal: signal.Signals) -> Callable[[], None]:
    """Signals as every program expects them, and one of them when the supervisor dies."""
    if not sys.platform.startswith("linux"):
        return reset_signals
    prctl = ctypes.CDLL(None).prctl  # loaded here: between fork and exec nothing may be loaded

    def arm() -> None:
        reset_signals()
        prctl(PR_SET_PDEATHSIG, int(stop_signal))

    return arm


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal every process that is left of the group that `pid` leads or led."""
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


def group_lives(pid: int) -> bool:
    """Whether a process of the group is left that is more than an uncollected exit code."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return bool(members(pid)) if _has_proc() else True


def end_group(pid: int, *, seconds: float = 5.0) -> None:
    """Kill what is left of a group and return when it is gone, so its ports are free again."""
    signal_group(pid, signal.SIGKILL)
    deadline = time.monotonic() + seconds
    while group_lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def members(group: int) -> list[int]:
    """Living processes of a process group, from /proc (empty where there is none)."""
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    states = ((pid, _fields(pid)) for pid in pids)
    return [pid for pid, state in states if state[2:3] == [str(group)] and state[0] != "Z"]


def identity(pid: int) -> dict[str, Any]:
    """A record that identifies one process for good: pids are reused, after a reboot soon."""
    return {"pid": pid, "boot": boot(), "started": started_at(pid)}


def is_still(record: Mapping[str, Any]) -> bool:
    """Whether the process of an `identity` runs."""
    if not record or record["started"] is None or record.get("boot") != boot():
        return False
    return bool(started_at(record["pid"]) == record["started"])


def boot() -> str:
    """Names this life of the machine, or of the container; "" where there is no /proc."""
    if not _has_proc():
        return ""
    kernel = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{kernel} {started_at(1)}"


def started_at(pid: int) -> str | None:
    """When the process started, in ticks since the boot (without /proc as a date). None: gone."""
    if _has_proc():
        fields = _fields(pid)
        return fields[19] if fields and fields[0] != "Z" else None
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout.strip() or None


def last_lines(log: Path, count: int = 20) -> list[str]:
    try:
        with log.open(errors="replace") as lines:
            return [line.rstrip() for line in deque(lines, maxlen=count)]
    except FileNotFoundError:
        return []


def failure(what: str, log: Path, fix: str) -> Expected:
    """Of a program that wrote to this log."""
    why = f"Its last lines say it; the whole log is {log}"
    return Expected(what, why=why, fix=fix, lines=last_lines(log))


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def _fields(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from `state` on (the name before may hold blanks); [] when gone.

    state is [0], the process group [2], the start time [19]; see proc(5).
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
