"""Starts programs as copies of `deploy.local.preloaded`, which is one process of this one's."""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local.folder import ROOT

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
PATIENCE_SECONDS = 60.0  # the first answer comes after a second of imports
ROOM = "." * 300  # an argument, for the command that a copy shows


@dataclass(frozen=True)
class Wanted:
    """A program: its command, Python first, and what it is given."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: str
    stop_signal: int  # which it gets when this process is gone


class Copy(subprocess.Popen[bytes]):
    """A child that is running already; waited for and signalled as any other."""

    def __init__(self, pid: int, command: tuple[str, ...]) -> None:
        self._running = pid
        super().__init__(command)

    def _execute_child(self, *arguments: Any) -> None:
        """Instead of the fork and exec of Popen."""
        self.pid, self._child_created = self._running, True


class Preloaded:
    """The process that is copied; it ends with this one."""

    def __init__(self, first: Wanted, before: Callable[[], None]) -> None:
        self._ours, theirs = socket.socketpair()
        self._ours.settimeout(PATIENCE_SECONDS)
        with theirs, Path(first.log).open("ab") as log:
            self.process = subprocess.Popen(
                [first.command[0], "-m", "deploy.local.preloaded", ROOM],
                env=dict(first.environment),
                cwd=ROOT,
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before,
            )

    def copy(self, wanted: Wanted) -> Copy | None:
        """None where there can be none. Raises OSError when the process is gone."""
        request = json.dumps({**asdict(wanted), "parent": os.getpid()})
        _take_orphans(is_wanted=True)
        try:
            self._ours.sendall(f"{request}\n".encode())
            answer = self._ours.recv(32)
        finally:
            _take_orphans(is_wanted=False)
        if not answer:
            raise BrokenPipeError
        return Copy(int(answer), wanted.command) if int(answer) else None

    def end(self) -> None:
        self._ours.close()
        self.process.kill()
        self.process.wait()


_lock = threading.Lock()
_preloaded: Preloaded | None = None


def start(wanted: Wanted, before: Callable[[], None]) -> Copy | None:
    """The running program; None where it has to be started as itself.

    `before` is what Popen calls between fork and exec.
    """
    global _preloaded
    with _lock:
        for _ in range(2):  # it may have been killed since
            if _preloaded is None:
                _preloaded = Preloaded(wanted, before)
                atexit.register(_preloaded.end)
            try:
                return _preloaded.copy(wanted)
            except OSError:
                atexit.unregister(_preloaded.end)
                _preloaded.end()
                _preloaded = None
    return None


def leaders() -> dict[str, int]:
    """The process that is copied, by the name under which its memory counts."""
    return {"preloaded": _preloaded.process.pid} if _preloaded else {}


def _take_orphans(*, is_wanted: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(is_wanted))
