"""A program that begins as a copy is what it would be if it had been started as itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.local.folder import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="copies are Linux's")

SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from deploy.local import copies
from deploy.local.program import Program, spawn

folder = Path(sys.argv[1])
variables = {each: os.environ.get(each, "") for each in ("PATH", "PYTHONPATH", "LC_ALL")}

def begin(name, *arguments, may_be_copy=True):
    argv = (sys.executable, str(folder / "program.py"), *arguments)
    program = Program(name, argv, {**variables, "NAME": "one"}, bool, 0, may_be_copy=may_be_copy)
    return spawn(program, folder / name)
"""
PROGRAM = """
import json, os, signal, sys, time
if sys.argv[1:] == ["sleep"]:
    time.sleep(60)
signals = signal.valid_signals()
print(json.dumps({
    "name": __name__, "argv": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ),
    "handled": {each: str(signal.getsignal(each)) for each in signals},
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "leads": os.getpgid(0) == os.getsid(0) == os.getpid(), "umask": os.umask(0),
    "child": os.getppid() == int(open(sys.argv[1]).read()), "input": sys.stdin.read(),
    "open": sorted(os.listdir("/proc/self/fd")), "main": sys.modules["__main__"].__file__,
    "command": open("/proc/self/cmdline").read().rstrip("\\0"), "modules": list(sys.modules),
}))
sys.exit(3)
"""


def run(folder: Path, code: str, **variables: str) -> str:
    (folder / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR + code, str(folder)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(log: Path) -> dict[str, Any]:
    return dict(json.loads(log.read_text()))


def test_a_copy_gets_what_a_program_gets_and_brings_libraries_alone(tmp_path: Path) -> None:
    code = """
(folder / "pid").write_text(str(os.getpid()))
for name, may_be_copy in (("itself", False), ("copy", True)):
    print(begin(name, str(folder / "pid"), may_be_copy=may_be_copy).wait(60))
"""
    assert run(tmp_path, code).split() == ["3", "3"]
    itself, copy = told(tmp_path / "itself"), told(tmp_path / "copy")
    fresh, modules = set(itself.pop("modules")), set(copy.pop("modules"))
    assert copy == itself
    assert (copy["child"], copy["leads"], copy["name"]) == (True, True, "__main__")
    brought = {each.partition(".")[0] for each in modules - fresh}
    assert brought >= {"django", "celery", "psycopg", "pydantic"}
    # Prometheus's client reads where it counts when it is imported; the rest is the shop's code.
    assert not brought & {"prometheus_client", "chassis", "sandbox", "storefront"}
    assert not brought & {"product_service", "order_service"}


def test_a_copy_is_waited_for_and_killed_as_any_child(tmp_path: Path) -> None:
    code = """
first = begin("first", "sleep")
print(first.poll())
first.kill()
print(first.wait(20))
os.kill(copies.leaders()["preloaded"], signal.SIGKILL)
second = begin("second", "sleep")
print(type(second).__name__, second.pid == os.getpgid(second.pid))
second.terminate()
print(second.wait(20))
"""
    assert run(tmp_path, code).splitlines() == ["None", "-9", "Copy True", "-15"]


def test_where_nothing_can_be_copied_a_program_starts_as_itself(tmp_path: Path) -> None:
    (tmp_path / "celery.py").write_text("raise ImportError('not for copies')")
    code = """
one = begin("one", "sleep")
print(type(one).__name__, one.poll(), copies.leaders())
one.kill()
"""
    shown = run(tmp_path, code, PYTHONPATH=str(tmp_path))
    assert shown.splitlines() == ["Popen None {}"]
    assert "not for copies" in (tmp_path / "one").read_text()
