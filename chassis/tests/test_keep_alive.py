"""How long idle connections are kept, by our servers and by those who call them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chassis import pool
from chassis.http import ServiceClient
from chassis.tests.metrics_server import ROOT

LONGEST_OF_BALANCERS = 60  # seconds: AWS, nginx; Google's 600 have to be set


class Keeping(BaseHTTPRequestHandler):
    """A server that closes no connection, and counts them."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self) -> None:
        Keeping.connections += 1
        super().setup()

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[str]:
    Keeping.connections = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Keeping) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_connection_that_its_server_may_be_closing_is_not_used_again(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ServiceClient(upstream="stub", base_url=server, deadline_seconds=2)
    for _ in range(2):
        client.call("POST", "/", operation="x")
    assert Keeping.connections == 1
    monkeypatch.setattr(pool, "REUSED_WITHIN_SECONDS", -1.0)  # as if it had idled for long
    client.call("POST", "/", operation="x")
    assert Keeping.connections == 2


def keep_alive(**variables: str) -> tuple[int, str]:
    """What gunicorn would do with the variables; 0 and its complaint if it refuses them."""
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "python:chassis.gunicorn", "--print-config"],
        cwd=ROOT,
        env={**os.environ, "SERVICE": "storefront", **variables},
        capture_output=True,
        text=True,
    )
    told = [line.split("=")[1] for line in done.stdout.splitlines() if line.startswith("keepalive")]
    return (int(told[0]) if told else 0), done.stderr


def test_idle_connections_outlast_those_of_load_balancers() -> None:
    usual, _ = keep_alive(WEB_THREADS="8")
    assert usual > LONGEST_OF_BALANCERS
    assert keep_alive(WEB_THREADS="8", KEEP_ALIVE_SECONDS="620")[0] == 620


@pytest.mark.parametrize("wrong", ["7200", str(pool.REUSED_WITHIN_SECONDS)])
def test_a_wrong_time_is_refused_by_name(wrong: str) -> None:
    """One that callers of ours would outlast, too."""
    _, complaint = keep_alive(WEB_THREADS="8", KEEP_ALIVE_SECONDS=wrong)
    assert "KEEP_ALIVE_SECONDS must be " in complaint.strip().splitlines()[-1]
