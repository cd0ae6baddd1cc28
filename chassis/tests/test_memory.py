"""Processes share what was imported before they were forked; no probe loads a migration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.tests.metrics_server import Server

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
# Asks the application as a probe would, and says which migrations have been loaded since.
PROBE = """
import io, sys
from chassis.tests.wsgi import application
answer = application(
    {"REQUEST_METHOD": "GET", "PATH_INFO": "/health/startup", "HTTP_HOST": "127.0.0.1",
     "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
     "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr},
    lambda status, headers: print(status))
print(b"".join(answer).decode())
print([name for name in sys.modules if ".migrations.0" in name])
"""


def unshared_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_collection_in_a_worker_leaves_what_it_shares_alone(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        before = sum(map(unshared_bytes, server.workers()))
        assert server.ask("/collect/") == 200
        after = sum(map(unshared_bytes, server.workers()))
    finally:
        server.stop()
    assert after - before < 6 * MIB


@pytest.mark.django_db
def test_the_startup_probe_loads_no_migration() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "chassis.tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    status, body, loaded = done.stdout.splitlines()[-3:]
    assert status == "503 Service Unavailable"  # nobody has migrated the database of this process
    assert "migrations missing" in body
    assert loaded == "[]"
    assert "auth.0001_initial" in done.stderr + done.stdout
