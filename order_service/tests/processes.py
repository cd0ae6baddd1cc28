"""Processes that die at a named place: forks of this warm one, so each starts in milliseconds."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connections

from order_service.clients.product_service import product_service
from order_service.payments.gateways.registry import gateways
from order_service.payments.gateways.sandbox import gateway
from order_service.pipeline.wiring import production_ports

LIMIT_SECONDS = 20.0


class Child:
    """A forked process at its work."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def was_killed(self) -> bool:
        """Wait for the end; whether it was the kill at the armed place."""
        status = self._wait(0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def ended_well(self) -> bool:
        return self._wait(0) == 0

    def ended(self) -> bool:
        """Wait for the end, whatever it was: a session that was cut ends in an error."""
        return self._wait(0) >= 0

    def has_stopped(self) -> bool:
        """Wait until it stands still at the armed place."""
        return os.WIFSTOPPED(self._wait(os.WUNTRACED))

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _wait(self, options: int) -> int:
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, options | os.WNOHANG)
            if pid:
                return status
            time.sleep(0.005)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError("the process neither ended nor stopped")


def fork(
    work: Callable[[], object], *, at: str = "", how: str = "SIGKILL", once: Path | None = None
) -> Child:
    """Do `work` in a process of its own, which is to die (or stop) at the place `at`.

    `once` is made here and removed by the crash, so the place strikes a single time.
    """
    if once is not None:
        once.touch()
    pid = os.fork()
    if pid == 0:
        _be_child(work, at, how, once)
    return Child(pid)


def _be_child(work: Callable[[], object], at: str, how: str, once: Path | None) -> None:
    """Never returns: what pytest would do at the end is not ours to do."""
    code = 1
    try:
        os.environ.update({"CRASH_AT": at, "CRASH_SIGNAL": how})
        if once is not None:
            os.environ["CRASH_ONCE"] = str(once)
        settings.CHAOS = True
        # Sockets of the parent must not be spoken on by two, nor may we say goodbye on them: its
        # connection is set aside and lives as long as this process.
        inherited = connections["default"]
        del connections["default"]
        assert connections["default"] is not inherited
        for each in (production_ports, product_service, gateways, gateway):
            each.cache_clear()
        work()
        code = 0
    except BaseException:  # noqa: BLE001  (the edge of the process: whatever it was is shown)
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
