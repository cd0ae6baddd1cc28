"""`stop` from any terminal, and `reset`, which also deletes the shop's data."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from pathlib import Path

from deploy.local import leftovers
from deploy.local.failures import Expected
from deploy.local.folder import RunFolder
from deploy.local.program import is_still
from deploy.local.terminal import say, step

PATIENCE_SECONDS = 90.0  # with a slow mail server; a second or two as a rule


def stop(arguments: list[str]) -> int:
    """Ask the supervisor to stop and wait; end what a killed one left."""
    folder = RunFolder.default()
    was_running = is_running(folder)
    if was_running:
        with step("Stopping the shop"):
            _ask_to_stop(folder)
    if ended := leftovers.end(folder):
        say(f"  Ended what an earlier run left: {', '.join(ended)}")
    if not (was_running or ended):
        say("  Nothing is running.")
    return 0


def reset(arguments: list[str]) -> int:
    """Stop the shop and delete its data: orders, catalogue, mails, keys, logs."""
    folder = RunFolder.default()
    paths = _made_by_a_shop(folder)
    if not paths:
        say(f"  There is no shop in {folder.path}.")
        return 0
    if os.environ.get("YES") != "1":
        answer = input(f"Delete all data of the local shop in {folder.path}? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            say("  Nothing was deleted.")
            return 1
    stop(arguments)
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
    say("  Deleted. `make run` starts with a new shop.")
    return 0


def _made_by_a_shop(folder: RunFolder) -> list[Path]:
    """RUN_FOLDER may name anything; what no shop made is not deleted."""
    paths = [folder.path] if folder.lock.exists() else []
    if folder.server_home != folder.path and folder.server_home.exists():
        paths.append(folder.server_home)
    return paths


def is_running(folder: RunFolder) -> bool:
    """Whether a supervisor holds the lock."""
    if not folder.lock.exists():
        return False
    with folder.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _ask_to_stop(folder: RunFolder) -> None:
    record = folder.read("supervisor")
    pid = record.get("pid", 0)
    if is_still(record):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_running(folder):
        if time.monotonic() > deadline:
            raise Expected(
                "The shop does not stop.",
                why=f"The supervisor (pid {pid}) still holds its lock after {PATIENCE_SECONDS} s.",
                fix=f"kill -9 {pid} && make stop",
            )
        time.sleep(0.1)
