"""Whatever a shop inherits from those who start it, its programs get what they need."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.folder import ROOT

IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD)
# Starts one program as the supervisor does, which tells what it got.
START = """
import sys, time
from pathlib import Path
from deploy.local import inherited
from deploy.local.program import Program, spawn
inherited.open_streams(); inherited.set_variables(); inherited.forget_databases()
inherited.take_signals()
folder = Path(sys.argv[1])
import os
program = Program("one", (sys.executable, "-c", sys.argv[2]), dict(os.environ), bool, 0)
code = spawn(program, folder / "log").wait(20)
print("gr\\u00f6\\u00dfer")
sys.exit(code)
"""
TELL = """
import json, os, pathlib, signal, sys
names = [each for each in os.environ if each.startswith(("PG", "GIT_", "PYTHONW"))]
print(json.dumps({
    "ignored": [each.name for each in signal.valid_signals() if signal.getsignal(each) is
        signal.SIG_IGN and each not in (signal.SIGPIPE, signal.SIGXFSZ)],
    "blocked": [each.name for each in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
    "encoding": open(os.devnull).encoding, "names": names, "proxy": os.environ["no_proxy"],
    "streams": [os.path.exists(f"/proc/self/fd/{number}") for number in range(3)],
}))
"""


def deaf() -> None:
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)


def without_streams() -> None:
    for number in range(3):
        os.close(number)


STRANGE = {
    "PGHOST": "db.example.org",
    "PGPASSWORD": "theirs",
    "PGSERVICE": "theirs",
    "GIT_DIR": "/elsewhere",
    "PYTHONWARNINGS": "error",
    "http_proxy": "http://proxy.example.org:3128",
    "no_proxy": "example.org",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "HOME": "/proc",
}


def start(folder: Path, before: Callable[[], None] | None, **variables: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", START, str(folder), TELL],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        preexec_fn=before,
        capture_output=True,
        timeout=30,
    )
    log = (folder / "log").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stderr.decode() + log
    return dict(json.loads(log))


@pytest.mark.parametrize(
    ("before", "variables"),
    [(None, {}), (deaf, {}), (without_streams, {}), (None, STRANGE)],
    ids=["nothing", "ignored and blocked signals", "closed streams", "strange variables"],
)
def test_a_program_gets_what_it_needs(
    tmp_path: Path, before: Callable[[], None] | None, variables: dict[str, str]
) -> None:
    told = start(tmp_path, before, **variables)
    assert (told["ignored"], told["blocked"], told["names"]) == ([], [], [])
    assert told["encoding"].lower() == "utf-8"
    assert set(told["proxy"].split(",")) >= {"127.0.0.1", "localhost"}
    assert told["streams"] == [True, True, True]


def test_commands_work_without_streams_home_or_locale(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.local", "doctor"]
    bare = {"PATH": os.environ["PATH"], "RUN_FOLDER": str(tmp_path)}
    for before in (without_streams, deaf):
        done = subprocess.run(command, cwd=ROOT, env=bare, preexec_fn=before, timeout=60)
        assert done.returncode in (0, 1)
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "help"],
        cwd=ROOT,
        env={**bare, **STRANGE},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_who_was_told_to_outlive_the_terminal_does(tmp_path: Path) -> None:
    """`nohup make run`: the shop goes on when the terminal closes, and stops when asked."""
    shop = subprocess.Popen(
        [sys.executable, "-m", "tests.local.small_shop", str(tmp_path)],
        cwd=ROOT,
        preexec_fn=deaf,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shop.stdout is not None
    assert shop.stdout.readline() == "ready\n"
    shop.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        shop.wait(0.5)
    shop.send_signal(signal.SIGTERM)
    assert shop.wait(20) == 0
    stopped = (tmp_path / "diary").read_text().splitlines()[3:]
    assert stopped == ["outer stopped", "middle stopped", "inner stopped"]
