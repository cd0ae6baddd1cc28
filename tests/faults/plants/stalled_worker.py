"""`python -m tests.faults.plants.stalled_worker`: does a worker live through a death of Redis?

The case that was measured: every child is busy, so the window of unacknowledged messages is full;
Redis dies, the tasks end, their acknowledgements fail; Redis comes back. A worker that keeps the
places of those messages, and has no remote control either, then waits for ever: nothing of it reads
from Redis and notices. Exits with 1 when a message that is sent after the return of Redis is not
worked on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from celery import Celery

from deploy.local import ports
from deploy.local.program import end_group, spawn
from deploy.local.servers.redis import RedisServer, find

ROOT = Path(__file__).parents[3]
CHILDREN = 1  # so that a single lost acknowledgement fills the window
BUSY_SECONDS = 3.0  # ends between two heartbeats of the worker, which come every 2 s
JUST_BEFORE_SECONDS = 0.2  # so that an acknowledgement is what fails first, and no heartbeat
DOWN_SECONDS = 8.0  # longer than redis-py's own retries
START_SECONDS = 90.0  # on a machine that does much else; a quick one needs 2
STALL_SECONDS = 15.0  # a sound worker is back within about 5 s


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="techcommerce-plant-") as folder:
        server = RedisServer(Path(folder), ports.any_free(1)[0], "only-for-this-test", find())
        os.environ["REDIS_URL"] = server.url(0)
        redis = _start_redis(server)
        log = Path(folder, "worker.log")
        worker = _start_worker(log)
        try:
            outlived = _outlives(Path(folder), server, redis)
        finally:
            end_group(worker.pid)
            worker.wait()
            end_group(_running[-1].pid)
            _running[-1].wait()
        if not outlived:
            print(log.read_text()[-2000:])
        print("The worker goes on." if outlived else "I9: the worker has stalled.")
        return 0 if outlived else 1


_running: list[subprocess.Popen[bytes]] = []


def _outlives(folder: Path, server: RedisServer, redis: subprocess.Popen[bytes]) -> bool:
    for child in range(CHILDREN):
        _send(server, folder, f"busy-{child}", BUSY_SECONDS)
    busy = [folder / f"busy-{child}" for child in range(CHILDREN)]
    begun = _wait_for(lambda: all(map(_has(".begun"), busy)), START_SECONDS)
    assert begun, "the worker did not start"
    last = max(path.with_suffix(".begun").stat().st_mtime for path in busy)
    time.sleep(max(0.0, last + BUSY_SECONDS - JUST_BEFORE_SECONDS - time.time()))
    redis.send_signal(signal.SIGKILL)
    redis.wait()
    assert _wait_for(lambda: all(map(_has(".done"), busy)), START_SECONDS)
    time.sleep(DOWN_SECONDS)  # the acknowledgements fail in the meantime: that is the case
    _start_redis(server)
    _send(server, folder, "after", 0.0)
    return _wait_for(lambda: (folder / "after.done").exists(), STALL_SECONDS)


def _has(suffix: str) -> Callable[[Path], bool]:
    return lambda path: path.with_suffix(suffix).exists()


def _start_redis(server: RedisServer) -> subprocess.Popen[bytes]:
    process = spawn(server.program(), server.home / "redis.log")
    _running.append(process)
    assert _wait_for(server.is_ready, START_SECONDS), "Redis did not start"
    return process


def _start_worker(log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "-A", "tests.faults.plants.slow_worker", "worker"]
    command += ["-Q", "orders", "-c", str(CHILDREN), "--without-gossip", "--without-mingle"]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )


def _send(server: RedisServer, folder: Path, name: str, seconds: float) -> None:
    """As a dispatcher does; a fresh app has no connection that a death of Redis could break."""
    with Celery(broker=server.url(0)) as app:
        app.send_task("plants.doze", args=[seconds, str(folder), name], queue="orders")


def _wait_for(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    sys.exit(main())
