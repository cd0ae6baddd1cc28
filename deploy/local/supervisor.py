"""Keeps the programs of the shop running, and leaves nothing behind when it stops.

    start     every program is a process group; servers first, then the rest at once
    watch     a program that dies is started again, after its whole group is gone, with back-off
    stop      from the highest stage to the lowest, each with its own signal; a second request,
              or a program that takes too long, is answered with SIGKILL to the group

A program that dies before it was ever ready fails the start; its last lines are shown.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import leftovers
from deploy.local.failures import Expected
from deploy.local.folder import RunFolder
from deploy.local.program import (
    Program,
    end_group,
    failure,
    group_lives,
    last_lines,
    signal_group,
    spawn,
)

POLL_SECONDS = 0.05
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
STEADY_SECONDS = 30.0  # after this long a death is a first one again


@dataclass
class Running:
    """A started program and the task that watches it."""

    program: Program
    process: subprocess.Popen[bytes]
    keeper: asyncio.Task[None] | None = None


class Supervisor:
    """Runs programs until it is asked to stop; `say` gets what the user should read."""

    def __init__(self, folder: RunFolder, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._records: dict[str, dict[str, Any]] = {}  # of processes.json
        self._running: dict[str, Running] = {}
        self._stopping = asyncio.Event()
        self._hurried = asyncio.Event()

    def names(self) -> list[str]:
        return list(self._running)

    def stop(self) -> None:
        """Ask for the stop; asked again, everything is killed."""
        if self._stopping.is_set():
            self._hurried.set()
        self._stopping.set()

    def listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup ignores SIGHUP
                loop.add_signal_handler(number, self.stop)

    async def start(self, programs: Sequence[Program]) -> None:
        """Start programs together and return when all are ready.

        Raises Expected when one dies or is not ready in time, Stopped when asked to stop.
        """
        for program in programs:
            self._spawn(program)
        started = [self._running[program.name] for program in programs]
        await self.unless_stopped(all_of(self._until_ready(each) for each in started))
        for running in started:
            running.keeper = asyncio.create_task(self._keep(running))

    async def unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; raises Stopped, after its clean-up, when asked to stop before its end."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise Stopped
        task.result()

    async def until_stopped(self) -> None:
        await self._stopping.wait()

    async def stop_all(self) -> None:
        """End every program, the highest stage first."""
        self._stopping.set()
        for running in self._running.values():
            if running.keeper:
                running.keeper.cancel()
        for stage in sorted({each.program.stage for each in self._running.values()}, reverse=True):
            members = [each for each in self._running.values() if each.program.stage == stage]
            await asyncio.gather(*(self._end(running) for running in members))

    def _spawn(self, program: Program) -> None:
        """Start a program and record it.

        It is in `_running` before the record is written, so it is ended even if that fails.
        """
        process = spawn(program, self._log(program))
        if program.name in self._running:
            self._running[program.name].process = process
        else:
            self._running[program.name] = Running(program, process)
        self._records[program.name] = leftovers.record(program, process.pid)
        self._folder.write("processes", self._records)

    def _log(self, program: Program) -> Path:
        return self._folder.logs / f"{program.name}.log"

    async def _until_ready(self, running: Running) -> None:
        program, process = running.program, running.process
        deadline = time.monotonic() + program.ready_seconds
        while process.poll() is None:
            if await asyncio.to_thread(program.is_ready):
                return
            if time.monotonic() > deadline:
                raise self._failure(program, f"is not ready after {program.ready_seconds:.0f} s")
            await asyncio.sleep(POLL_SECONDS)
        raise self._failure(program, f"stopped at once (code {process.returncode})")

    def _failure(self, program: Program, what: str) -> Expected:
        doctor = "python3 -m deploy.local doctor"
        return failure(f"{program.name} {what}.", self._log(program), doctor)

    async def _keep(self, running: Running) -> None:
        """Start the program again whenever it dies."""
        delay = FIRST_DELAY_SECONDS
        while True:
            began = time.monotonic()
            while running.process.poll() is None:
                await asyncio.sleep(POLL_SECONDS)
            if time.monotonic() - began > STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            self._tell_death(running, delay)
            await asyncio.to_thread(end_group, running.process.pid)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)
            self._spawn(running.program)

    def _tell_death(self, running: Running, delay: float) -> None:
        name, code = running.program.name, running.process.returncode
        ending = signal.Signals(-code).name if code < 0 else f"code {code}"
        self._say(f"{name} died ({ending}); starting it again in {delay:g} s")
        for line in last_lines(self._log(running.program)):
            self._say(f"    | {line}")

    async def _end(self, running: Running) -> None:
        process, program = running.process, running.program
        if process.poll() is None:
            process.send_signal(program.stop_signal)  # the leader stops its own children in order
            signal_group(process.pid, signal.SIGCONT)  # and wakes up if it was frozen
        deadline = time.monotonic() + program.stop_seconds
        while process.poll() is None and not self._hurried.is_set():
            if time.monotonic() > deadline:
                self._say(f"{program.name} did not stop in {program.stop_seconds:g} s: killed")
                break
            await asyncio.sleep(POLL_SECONDS)
        if process.poll() is None:
            signal_group(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        if group_lives(process.pid):
            await asyncio.to_thread(end_group, process.pid)
        self._records.pop(program.name, None)
        self._folder.write("processes", self._records)


async def all_of(coroutines: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Return when all are done; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in coroutines:
                group.create_task(each)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


class Stopped(Exception):
    """The user asked to stop during the start."""
