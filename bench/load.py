"""GETs as fast as a server answers, from plain sockets in a few threads.

A connection a request, as workers of one thread want it. The generator shares the machine with
what it measures, so it also says how much of a core it used: near 1.0 it is the bottleneck itself.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

from tests.faults.figures import quantile

THREADS = 8
BUFFER = 262144


@dataclass(frozen=True)
class Load:
    """What came of a few seconds of GETs."""

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    body_bytes: int
    own_cores: float  # CPU seconds of the generator for each second


def get_repeatedly(base_url: str, paths: list[str], *, seconds: float) -> Load:
    """Each thread takes the next path as soon as it has its answer; paths repeat when used up.

    Raises RuntimeError for any status but 200, which would make the figure worthless.
    """
    target = urlsplit(base_url)
    address = (target.hostname or "", target.port or 80)
    head = f"HTTP/1.1\r\nHost: {target.hostname}\r\nConnection: close\r\n\r\n"
    requests = cycle([f"GET {path} {head}".encode() for path in paths])
    lock = threading.Lock()
    times: list[float] = []
    sizes: set[int] = set()
    until = time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < until:
            with lock:
                request = next(requests)
            began = time.monotonic()
            sizes.add(_ask(address, request))
            times.append(time.monotonic() - began)

    cpu, began = time.process_time(), time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        working = [pool.submit(work) for _ in range(THREADS)]
    took = time.monotonic() - began
    own_cores = (time.process_time() - cpu) / took
    for each in working:
        each.result()  # raises what stopped it
    p50, p99 = quantile(times, 0.5) * 1000, quantile(times, 0.99) * 1000
    return Load(len(times), len(times) / took, p50, p99, max(sizes), own_cores)


def _ask(address: tuple[str, int], request: bytes) -> int:
    """The size of the body of one answer, read until the server closes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(BUFFER), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:13]:
        raise RuntimeError(f"{request[:80]!r}: {head[:80]!r} {body[:200]!r}")
    return len(body)
