"""The supervisor with real processes: order, restarts, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import leftovers
from deploy.local import stop as stopping
from deploy.local.failures import Expected
from deploy.local.folder import ROOT, RunFolder
from deploy.local.program import Program, end_group, group_lives, identity, members
from deploy.local.run import holding_lock
from deploy.local.stop import is_running
from deploy.local.supervisor import Supervisor
from tests.local.stand_in import listens

PATIENCE_SECONDS = 15.0
NAMES = {"inner", "middle", "outer"}
AS_EITHER = pytest.mark.parametrize("kind", [(), ("copies",)], ids=["themselves", "copies"])


class SmallShop:
    """tests/local/small_shop.py as a child process."""

    def __init__(self, folder: RunFolder, *extra: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.local.small_shop", str(folder.path), *extra],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.groups = {name: each["pid"] for name, each in folder.read("processes").items()}

    def diary(self) -> list[str]:
        return (self.folder.path / "diary").read_text().splitlines()

    def port(self, name: str) -> int:
        return int(json.loads((self.folder.path / "numbers.json").read_text())[name])

    def living(self) -> set[str]:
        return {name for name, pid in self.groups.items() if group_lives(pid)}


def wait_for(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path).create()


@pytest.fixture
def start(folder: RunFolder) -> Iterator[Callable[..., SmallShop]]:
    shops: list[SmallShop] = []

    def starter(*extra: str) -> SmallShop:
        shops.append(SmallShop(folder, *extra))
        return shops[-1]

    yield starter
    for shop in shops:
        shop.process.kill()
        shop.process.wait()
        for pid in shop.groups.values():
            end_group(pid)


def test_stops_from_the_outside_in_and_leaves_no_process(start: Callable[..., SmallShop]) -> None:
    shop = start()
    assert shop.living() == NAMES
    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(PATIENCE_SECONDS) == 0
    stopped = [line for line in shop.diary() if line.endswith("stopped")]
    assert stopped == ["outer stopped", "middle stopped", "inner stopped"]
    assert shop.living() == set()
    assert shop.folder.read("processes") == {}


def test_second_request_kills_what_does_not_listen(start: Callable[..., SmallShop]) -> None:
    shop = start("stubborn")
    shop.process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        shop.process.wait(1.0)
    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(5.0) == 0
    assert shop.living() == set()


@AS_EITHER
def test_a_dead_program_starts_again_once_its_group_is_gone(
    start: Callable[..., SmallShop], kind: tuple[str, ...]
) -> None:
    """The child that survives the leader holds the port: the new one could not bind it."""
    shop = start(*kind)
    dead = shop.groups["middle"]
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: shop.diary().count("middle started") == 2)
    wait_for(listens(shop.port("middle")))
    assert not group_lives(dead)
    fresh = leftovers.find(shop.folder)["middle"]["pid"]
    assert fresh != dead
    shop.groups["middle"] = fresh
    assert shop.living() == NAMES


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
@AS_EITHER
def test_programs_stop_when_the_supervisor_is_killed(
    start: Callable[..., SmallShop], kind: tuple[str, ...]
) -> None:
    shop = start(*kind)
    shop.process.kill()
    wait_for(lambda: shop.living() == set())
    assert "inner stopped" in shop.diary()


def test_next_start_ends_what_a_killed_supervisor_left(start: Callable[..., SmallShop]) -> None:
    shop = start("stubborn")
    frozen = shop.groups["inner"]
    os.killpg(frozen, signal.SIGSTOP)
    shop.process.kill()
    shop.process.wait()
    assert not is_running(shop.folder)
    assert shop.living() == NAMES
    assert set(leftovers.end(shop.folder, grace_seconds=0.2)) == NAMES
    assert shop.living() == set()
    assert leftovers.end(shop.folder) == []


def test_a_child_that_outlived_its_leader_is_found(start: Callable[..., SmallShop]) -> None:
    shop = start("stubborn")
    shop.process.kill()
    shop.process.wait()
    os.kill(shop.groups["outer"], signal.SIGKILL)
    assert "outer" in leftovers.find(shop.folder)
    leftovers.end(shop.folder, grace_seconds=0.2)
    assert shop.living() == set()


@pytest.fixture
def innocent() -> Iterator[subprocess.Popen[bytes]]:
    """A stranger's process that leads a group of two."""
    process = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    wait_for(lambda: len(members(process.pid)) == 2)
    yield process
    end_group(process.pid)
    process.wait()


@pytest.mark.parametrize("other", [{"started": "1"}, {"boot": "an earlier one"}, {"boot": None}])
def test_a_reused_pid_is_left_alone(
    folder: RunFolder, innocent: subprocess.Popen[bytes], other: dict[str, str]
) -> None:
    """After a reboot the same number may even have the same start, counted from the boot."""
    record = {**identity(innocent.pid), **other, "stage": 1, "signal": int(signal.SIGTERM)}
    folder.write("processes", {"web": record})
    assert leftovers.end(folder, grace_seconds=0.2) == []
    assert innocent.poll() is None


def test_a_strangers_group_without_its_leader_is_left_alone(
    folder: RunFolder, innocent: subprocess.Popen[bytes]
) -> None:
    record = {**identity(innocent.pid), "boot": "an earlier one", "stage": 1}
    innocent.kill()
    innocent.wait()
    folder.write("processes", {"web": {**record, "signal": int(signal.SIGTERM)}})
    assert leftovers.end(folder, grace_seconds=0.2) == []
    assert group_lives(innocent.pid)


def test_stop_never_signals_a_stranger_with_the_supervisors_number(
    folder: RunFolder, innocent: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "PATIENCE_SECONDS", 0.2)
    with holding_lock(folder):
        folder.write("supervisor", {**identity(innocent.pid), "boot": "an earlier one"})
        with pytest.raises(Expected, match="does not stop"):
            stopping._ask_to_stop(folder)
    assert innocent.poll() is None


def test_two_supervisors_cannot_share_a_folder(start: Callable[..., SmallShop]) -> None:
    shop = start()
    second = subprocess.run(
        [sys.executable, "-m", "tests.local.small_shop", str(shop.folder.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "The shop is already running." in second.stderr
    assert shop.living() == NAMES


def run_one(folder: RunFolder, code: str, **options: float) -> None:
    async def main() -> None:
        supervisor = Supervisor(folder, print)
        program = Program(
            name="one",
            argv=(sys.executable, "-c", code),
            environment=dict(os.environ),
            is_ready=lambda: False,
            stage=1,
            **options,  # type: ignore[arg-type]
        )
        try:
            await supervisor.start([program])
        finally:
            await supervisor.stop_all()

    asyncio.run(main())


def test_a_program_that_cannot_start_shows_its_last_lines(folder: RunFolder) -> None:
    code = "for n in range(30): print('line', n)\nraise SystemExit(7)"
    with pytest.raises(Expected) as failure:
        run_one(folder, code)
    assert failure.value.what == "one stopped at once (code 7)."
    assert failure.value.lines == tuple(f"line {n}" for n in range(10, 30))
    assert "Fix: " in str(failure.value)


def test_a_program_that_never_gets_ready_fails_the_start(folder: RunFolder) -> None:
    with pytest.raises(Expected, match="is not ready after 1 s"):
        run_one(folder, "import time; time.sleep(60)", ready_seconds=1.0)
    assert folder.read("processes") == {}
