"""Clients that hold on to a server without ever asking it something, and visitors meanwhile.

    with Attack(address, Plan()) as attack, Visitors(address, "/") as visitors:
        time.sleep(10)
    assert visitors.failures == []

Each half request and half body is replaced when the server ends it, so that many stand all the
time; the two rates are a second. Everything is bounded by the plan and by the `with`.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Address = tuple[str, int]
DEADLINE_SECONDS = 5.0  # of a visitor
PAUSE_SECONDS = 0.5  # between two requests of a visitor
TRICKLE_SECONDS = 1.0
LARGE = 1_000_000  # bytes that a slow upload promises
FILES = 8192


@dataclass(frozen=True)
class Plan:
    """How many of each stand at once, or are opened a second."""

    half_heads: int = 64
    half_bodies: int = 64
    opens_per_second: float = 8
    unread_per_second: float = 5
    trickled: int = 0
    slow_readers: int = 0
    slow_uploads: int = 0
    reads: str = "/health/live"  # what slow readers ask for
    uploads_to: str = "/"


class _InThread(ABC):
    """Coroutines in an event loop of their own, from `with` to its end."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: list[Any] = []

    @abstractmethod
    def coroutines(self) -> list[Coroutine[Any, Any, None]]:
        """What runs."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._tasks = [
            asyncio.run_coroutine_threadsafe(each, self._loop) for each in self.coroutines()
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        asyncio.run_coroutine_threadsafe(_all_ended(), self._loop).result(timeout=30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.let_go()

    def let_go(self) -> None:  # noqa: B027 - most hold nothing
        """After the last coroutine."""


class Attack(_InThread):
    """Carries out a plan; `opened` counts its connections."""

    def __init__(self, address: Address, plan: Plan) -> None:
        super().__init__(address)
        self.plan = plan
        self.opened = 0
        self._unread: list[socket.socket] = []
        _allow_files()

    def coroutines(self) -> list[Coroutine[Any, Any, None]]:
        plan, host = self.plan, f"Host: {self.address[0]}\r\n"
        head = f"GET / HTTP/1.1\r\n{host}X-Slow: "
        body = f"POST / HTTP/1.1\r\n{host}Content-Length: 1000\r\n\r\na"
        upload = f"POST {plan.uploads_to} HTTP/1.1\r\n{host}Content-Length: {LARGE}\r\n\r\na"
        read = f"GET {plan.reads} HTTP/1.1\r\n{host}\r\n"
        unread = f"GET /health/live HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
        return [
            *(self._hold(head) for _ in range(plan.half_heads)),
            *(self._hold(body) for _ in range(plan.half_bodies)),
            *(self._hold(head, trickles=True) for _ in range(plan.trickled)),
            *(self._hold(upload, trickles=True) for _ in range(plan.slow_uploads)),
            *(self._leave_unread(read, pause=1.0) for _ in range(plan.slow_readers)),
            self._leave_unread(unread, pause=1 / plan.unread_per_second),
            self._open_idly(1 / plan.opens_per_second),
        ]

    def let_go(self) -> None:
        for each in self._unread:
            each.close()

    async def _hold(self, sent: str, *, trickles: bool = False) -> None:
        """Hold one connection, and the next when the server has ended it."""
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(*self.address)
                self.opened += 1
                try:
                    writer.write(sent.encode())
                    while trickles:
                        await asyncio.sleep(TRICKLE_SECONDS)
                        writer.write(b"a")
                        await writer.drain()  # raises once the server has closed
                    await reader.read()
                finally:
                    writer.transport.abort()
            await asyncio.sleep(0.01)

    async def _open_idly(self, pause: float) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._open())
                await asyncio.sleep(pause)

    async def _open(self) -> None:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(*self.address)
            self.opened += 1
            try:
                await reader.read()
            finally:
                writer.transport.abort()

    async def _leave_unread(self, sent: str, pause: float) -> None:
        """Ask again and again and never take an answer; the sockets stay open to the end."""
        loop = asyncio.get_running_loop()
        while True:
            client = socket.socket()
            self._unread.append(client)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(0.0)
            with suppress(OSError):
                await loop.sock_connect(client, self.address)
                self.opened += 1
                await loop.sock_sendall(client, sent.encode())
            await asyncio.sleep(pause)


class Visitors(_InThread):
    """Several who ask for a page, wait for its end and ask again. Each wants a 200 in time."""

    def __init__(self, address: Address, path: str, *, count: int = 6) -> None:
        super().__init__(address)
        self.times: list[float] = []
        self.failures: list[str] = []
        self._request = f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\nConnection: close\r\n\r\n"
        self._count = count

    def coroutines(self) -> list[Coroutine[Any, Any, None]]:
        return [self._visit(number / self._count) for number in range(self._count)]

    async def _visit(self, share: float) -> None:
        await asyncio.sleep(share * PAUSE_SECONDS)
        while True:
            began = time.monotonic()
            try:
                answer = await asyncio.wait_for(self._ask(), DEADLINE_SECONDS)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    self.failures.append(f"answered {answer[:80]!r}")
            except (OSError, TimeoutError) as error:
                self.failures.append(f"{error!r} after {time.monotonic() - began:.1f} s")
            self.times.append(time.monotonic() - began)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self) -> bytes:
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(self._request.encode())
            return await reader.read()
        finally:
            writer.transport.abort()


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def _allow_files() -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
