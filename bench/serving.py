"""What a server makes of a load, and the bare view that pages and lists are held against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.load import Load, get_repeatedly
from deploy.local.folder import VENV_PYTHON
from deploy.local.ports import HOST, any_free
from deploy.local.program import Program
from deploy.local.readiness import answers_http
from deploy.local.shop import GUNICORN
from tests.faults.system import System

BARE = "bare"


@dataclass(frozen=True)
class Served:
    """A load, and what it cost the server."""

    load: Load
    cpu_ms: float  # of the server for each request: steadier than a rate on a busy machine


def serve(
    system: System, server: str, url: str, paths: list[str], seconds: float, *, keeps: bool = False
) -> Served:
    used = system.members.cpu_seconds()[server]
    load = get_repeatedly(url, paths, seconds=seconds, keeps=keeps)
    used = system.members.cpu_seconds()[server] - used
    return Served(load, used * 1000 / load.count)


@contextmanager
def bare_view(system: System, size: int, *, like: str) -> Iterator[str]:
    """The bare project under gunicorn, with the workers and threads of this service."""
    (port,) = any_free(1)
    variables = system.members[like].program.environment
    as_there = {name: variables[name] for name in ("WEB_WORKERS", "WEB_THREADS")}
    own = {"PORT": str(port), "BARE_BYTES": str(size), **as_there}
    program = Program(
        name=BARE,
        argv=(str(VENV_PYTHON), "-m", *GUNICORN, "bench.bare:application"),
        environment={"PATH": os.environ.get("PATH", os.defpath), **own},
        is_ready=answers_http(port, "/"),
        stage=1,
    )
    system.members.start([program])
    try:
        yield f"http://{HOST}:{port}"
    finally:
        system.members.kill(BARE, hold=True)
