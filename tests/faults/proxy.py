"""A TCP proxy that breaks connections on request, all edges in one process.

    python -m tests.faults.proxy '{"order-worker->redis": [40001, 6379]}'

The argument maps an edge to [port to listen on, port to forward to]. Commands arrive on standard
input, one JSON object a line, and each is answered with one line:

    {"edge": "order-worker->redis", "kind": "delay", "seconds": 0.3}

    pass    bytes flow
    delay   each chunk waits `seconds`, in order
    hole    nothing flows and nothing ends; what was sent arrives when the edge passes again
    reset   every connection, and every new one, is ended with RST
    cut     the request passes; of the answers, a `share` is dropped and the connection reset: the
            effect happened, the caller does not know

It is a process of its own so that the load of a test does not slow the connections that it tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"
CHUNK = 65536
KINDS = ("pass", "delay", "hole", "reset", "cut")
RST_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds


@dataclass(frozen=True)
class Fault:
    """What an edge does to its connections; see the module's table."""

    kind: str = "pass"
    seconds: float = 0.0
    share: float = 1.0


class Cut(Exception):
    """This answer is dropped and its connection reset."""


class Edge:
    """One listening port and everything that flows through it."""

    def __init__(self, target: int, seed: str) -> None:
        self._target = target
        self._chance = random.Random(seed)
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.fault = Fault()

    def set(self, fault: Fault) -> None:
        self.fault = fault
        if fault.kind == "hole":
            self._open.clear()
        else:
            self._open.set()
        if fault.kind == "reset":
            for writer in list(self._writers):
                _reset(writer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from accept to close."""
        self._writers.add(writer)
        try:
            await self._forward(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        if self.fault.kind == "reset":
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            _reset(writer)
            return
        self._writers.add(far_writer)
        try:
            await self._both_ways((reader, writer), (far_reader, far_writer))
        finally:
            self._writers.discard(far_writer)
            far_writer.close()

    async def _both_ways(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Pump until either end closes; the other end is then closed too."""
        pumps = [
            asyncio.create_task(self._pump(near[0], far[1], is_answer=False)),
            asyncio.create_task(self._pump(far[0], near[1], is_answer=True)),
        ]
        _, pending = await asyncio.wait(pumps, return_when="FIRST_COMPLETED")
        for task in pending:
            task.cancel()
        ends = await asyncio.gather(*pumps, return_exceptions=True)
        if any(isinstance(end, Cut | OSError) for end in ends):
            _reset(near[1])
            _reset(far[1])

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        while True:
            chunk = await reader.read(CHUNK)
            await self._hinder(is_answer=is_answer and bool(chunk))
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()

    async def _hinder(self, *, is_answer: bool) -> None:
        fault = self.fault
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "cut" and is_answer and self._chance.random() < fault.share:
            raise Cut
        await self._open.wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    near = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_AT_CLOSE)
    writer.transport.abort()


async def main(table: Mapping[str, tuple[int, int]]) -> None:
    edges = {name: Edge(target, name) for name, (_, target) in table.items()}
    servers = [
        await asyncio.start_server(edges[name].serve, HOST, port, backlog=1024)
        for name, (port, _) in table.items()
    ]
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    print("ready", flush=True)
    while line := await commands.readline():
        command = json.loads(line)
        edges[command.pop("edge")].set(Fault(**command))
        print("done", flush=True)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
