"""What the front door asks for when it starts, and the gunicorn that it leans on."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import version
from inspect import signature
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from chassis import front_door
from chassis.tests.metrics_server import ROOT, Server, wait_for


def test_a_worker_without_its_master_ends(tmp_path: Path) -> None:
    server = Server(tmp_path, WEB_THREADS=8)
    try:
        workers = server.workers()
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not any(Path(f"/proc/{each}").exists() for each in workers))
    finally:
        server.stop()


LIMITS = """
import resource
resource.getrlimit = lambda _: ({now}, {most})
resource.setrlimit = lambda _, limits: print(*limits)
from chassis import gunicorn
gunicorn.on_starting(None)
"""


@pytest.mark.parametrize(
    ("now", "most", "asked"),
    [
        (256, -1, "4096 -1\n"),  # macOS, which refuses to be asked for everything
        (1024, 1_048_576, "4096 1048576\n"),
        (1024, 2048, "2048 2048\n"),
        (65_536, 65_536, ""),
        (-1, -1, ""),
    ],
)
def test_files_for_all_connections_are_asked_for(now: int, most: int, asked: str) -> None:
    code = LIMITS.format(now=now, most=most)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == asked


@pytest.mark.parametrize(
    ("setting", "value"),
    [("certfile", "a.pem"), ("http2_cleartext", "upgrade"), ("proxy_protocol", "v1")],
)
def test_settings_that_it_does_not_serve_are_refused(setting: str, value: str) -> None:
    configuration = Config()
    configuration.set(setting, value)
    with pytest.raises(RuntimeError, match="plain HTTP/1"):
        front_door.FrontDoorWorker.check_config(configuration, None)


def test_gunicorn_is_the_version_that_the_front_door_leans_on() -> None:
    assert version("gunicorn") == "27.0.1", (
        "The front door overrides parts of gunicorn's ThreadWorker. Read the changes of "
        "gunicorn/workers/gthread.py, http/message.py and http/wsgi.py since 27.0.1, run this "
        "file and tests/front_door, then write the new version here and in pyproject.toml."
    )
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "gunicorn==27.0.1" in declared["project"]["dependencies"]


def test_each_method_that_it_overrides_is_there_with_the_same_arguments() -> None:
    own = [name for name, each in vars(front_door.FrontDoorWorker).items() if callable(each)]
    shared = {name for name in own if hasattr(ThreadWorker, name)} | {"check_config"}
    assert shared == {
        "check_config",
        *("__init__", "accept", "enqueue_req", "handle", "finish_request", "_cap_keepalive"),
        *("wait_for_and_dispatch_events", "murder_keepalived"),
    }
    for name in shared - {"__init__"}:
        theirs, ours = getattr(ThreadWorker, name), getattr(front_door.FrontDoorWorker, name)
        assert [*signature(theirs).parameters] == [*signature(ours).parameters], name
    assert [*signature(ThreadWorker.handle_request).parameters] == ["self", "req", "conn"]
