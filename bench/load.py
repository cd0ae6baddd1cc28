"""GETs as fast as a server answers, from plain sockets in a few threads.

A connection a request, as workers of one thread want it. The generator shares the machine with
what it measures, so it also says how much of a core it used: near 1.0 it is the bottleneck itself.
"""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator
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


class UnexpectedAnswer(Exception):
    """Something else than 200 came back: the figure would be worthless."""


def get_repeatedly(base_url: str, paths: list[str], *, seconds: float) -> Load:
    """Each thread takes the next path as soon as it has its answer; paths repeat when used up."""
    target = urlsplit(base_url)
    address = (target.hostname or "", target.port or 80)
    requests = cycle([_request(path) for path in paths])
    lock = threading.Lock()
    times: list[float] = []
    sizes: set[int] = set()
    wrong: list[Exception] = []
    until = time.monotonic() + seconds

    def work() -> None:
        try:
            while time.monotonic() < until:
                with lock:
                    request = next(requests)
                began = time.monotonic()
                sizes.add(_ask(address, request))
                times.append(time.monotonic() - began)
        except (OSError, UnexpectedAnswer) as error:
            wrong.append(error)

    cpu, began = _cpu_seconds(), time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    if wrong:
        raise wrong[0]
    p50, p99 = quantile(times, 0.5) * 1000, quantile(times, 0.99) * 1000
    return Load(len(times), len(times) / took, p50, p99, max(sizes), (_cpu_seconds() - cpu) / took)


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()


def _ask(address: tuple[str, int], request: bytes) -> int:
    """The size of the body of one answer, read until the server closes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        parts = list(_parts(connection))
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    if b" 200 " not in head[:13]:
        raise UnexpectedAnswer(f"{request[:80]!r}: {head[:80]!r} {body[:200]!r}")
    return len(body)


def _parts(connection: socket.socket) -> Iterator[bytes]:
    while part := connection.recv(BUFFER):
        yield part


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
