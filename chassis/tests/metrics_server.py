"""A real gunicorn with two workers, its metrics port, and what Prometheus would read there."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20.0


class Server:
    """`gunicorn -c python:chassis.gunicorn` over the views of these tests."""

    def __init__(self, folder: Path, **variables: object) -> None:
        self.folder = folder / "metrics"
        self.port, self.metrics_port = _free_ports()
        own: dict[str, object] = {
            "PORT": self.port,
            "METRICS_PORT": self.metrics_port,
            "WEB_WORKERS": 2,
        }
        own |= {"PROMETHEUS_MULTIPROC_DIR": self.folder, "SERVICE": "chassis", "REVISION": "abc"}
        own |= variables
        command = ["-m", "gunicorn", "-c", "python:chassis.gunicorn", "chassis.tests.wsgi"]
        self.log = (folder / "log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        wait_for(lambda: len(self.workers()) == 2 and self.ask("/health/live") == 200)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_a_worker(self, worker: int) -> None:
        """SIGKILL it, and wait for the one that takes its place."""
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: worker not in self.workers() and len(self.workers()) == 2)

    def said(self) -> str:
        """The log until now."""
        return Path(self.log.name).read_text()

    def metrics_socket(self) -> str:
        """The one that listens for scrapes, as socket:[inode]; see proc_net_tcp(5)."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        listening = (row for row in rows if row[3] == "0A")
        address = f"0100007F:{self.metrics_port:04X}"
        return next(f"socket:[{row[9]}]" for row in listening if row[1] == address)

    def ask(self, path: str, method: str = "GET") -> int:
        """The status of the answer; 0 for none."""
        with contextlib.suppress(OSError):
            return get(self.port, path, method)[0]
        return 0

    def scrape(self) -> dict[tuple[str, ...], float]:
        return scrape(self.metrics_port)

    def total(self, name: str, **labels: str) -> float:
        return total(self.scrape(), name, **labels)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def scrape(port: int) -> dict[tuple[str, ...], float]:
    """Samples by name and labels: `("up", "job=shop")`."""
    status, body = get(port, "/metrics")
    assert status == 200, body
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def total(samples: dict[tuple[str, ...], float], name: str, **labels: str) -> float:
    """The sum of all samples of that name with these labels, whatever others they have."""
    wanted = {f"{label}={value}" for label, value in labels.items()}
    return sum(value for key, value in samples.items() if key[0] == name and wanted <= {*key})


def get(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def _free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]
