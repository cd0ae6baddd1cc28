"""What a program uses counts whole, also by children that lead groups of their own or are gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.faults import usage

# A server as PostgreSQL is one: a child of its own session works and ends, another one stays.
SERVER = """
import os, time

def work(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass

if not (gone := os.fork()):
    os.setsid()
    work(0.3)
    os._exit(0)
os.waitpid(gone, 0)
if not os.fork():
    os.setsid()
    held = bytearray(os.urandom(64 << 20))
    work(0.2)
    print("working", flush=True)
    time.sleep(60)
    os._exit(0)
os.wait()
"""
MIB = 1 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def server() -> Iterator[int]:
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"working\n"
        yield process.pid
        for pid in usage.pids(process.pid):
            os.kill(pid, signal.SIGKILL)


def test_cpu_time_of_children_counts_while_they_live_and_afterwards(server: int) -> None:
    used = usage.cpu_seconds({"server": server})["server"]
    assert 0.45 <= used < 2.0


def test_memory_of_children_counts(server: int) -> None:
    assert usage.memory_bytes({"server": server})["server"] >= 64 * MIB


def test_ended_programs_use_nothing(server: int) -> None:
    with subprocess.Popen(["true"], start_new_session=True) as ended:
        pass
    assert usage.cpu_seconds({"ended": ended.pid}) == {"ended": 0.0}
    assert usage.memory_bytes({"ended": ended.pid}) == {"ended": 0}
