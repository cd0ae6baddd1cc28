"""GETs as fast as a server answers, from plain sockets in a few threads.

A connection a request, as workers of one thread want it, or kept ones. The generator shares the
machine with what it measures, so it also says how much of a core it used: near 1.0 it is the
bottleneck itself.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from urllib.parse import urlsplit

from tests.faults.figures import quantile

THREADS = 8
BUFFER = 262144
LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nConnection: *close", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """What came of a few seconds of GETs."""

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    body_bytes: int
    own_cores: float  # CPU seconds of the generator for each second


def get_repeatedly(base_url: str, paths: list[str], *, seconds: float, keeps: bool = False) -> Load:
    """Each thread takes the next path as soon as it has its answer; paths repeat when used up.

    Raises RuntimeError for any status but 200, which would make the figure worthless.
    """
    target = urlsplit(base_url)
    address = (target.hostname or "", target.port or 80)
    how = "keep-alive" if keeps else "close"
    head = f"HTTP/1.1\r\nHost: {target.hostname}\r\nConnection: {how}\r\n\r\n"
    requests = cycle([f"GET {path} {head}".encode() for path in paths])
    lock = threading.Lock()
    times: list[float] = []
    sizes: set[int] = set()
    until = time.monotonic() + seconds

    def work() -> None:
        ask = Kept(address).ask if keeps else partial(_ask, address)
        while time.monotonic() < until:
            with lock:
                request = next(requests)
            began = time.monotonic()
            sizes.add(ask(request))
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


class Kept:
    """A connection that is kept from one request to the next, and opened again when it was cut."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._connection: socket.socket | None = None

    def ask(self, request: bytes) -> int:
        """The size of the body of one answer, which says it in its head."""
        if self._connection is None:
            self._connection = socket.create_connection(self._address, timeout=10)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        _require_ok(request, head, body)
        length = LENGTH.search(head)
        if length is None:
            raise RuntimeError(f"{request[:80]!r}: the answer does not say its length")
        received = len(body)
        while received < int(length[1]):
            received += len(self._more())
        if CLOSES.search(head):
            self._connection.close()
            self._connection = None
        return received

    def _more(self) -> bytes:
        assert self._connection
        if received := self._connection.recv(BUFFER):
            return received
        raise RuntimeError("A kept connection was closed in the middle of an answer.")


def _ask(address: tuple[str, int], request: bytes) -> int:
    """The size of the body of one answer, read until the server closes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(BUFFER), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    _require_ok(request, head, body)
    return len(body)


def _require_ok(request: bytes, head: bytes, body: bytes) -> None:
    if b" 200 " not in head[:13]:
        raise RuntimeError(f"{request[:80]!r}: {head[:80]!r} {body[:200]!r}")
