"""One port a service, and behind it in turn whoever serves now, as a Service of Kubernetes does.

A connection stays with the one that took it; one that refuses is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterable

from deploy.local.ports import HOST

CHUNK = 65536


class Balancer:
    """Listens on `ports`, by service, from a thread of its own until `stop()`."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.taken: Counter[int] = Counter()  # connections, by the port that took them
        self._behind: dict[str, list[int]] = {name: [] for name in ports}
        self._turns: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        listening = {name: socket.create_server((HOST, port)) for name, port in ports.items()}
        self._thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
        self._thread.start()

    def join(self, service: str, port: int) -> None:
        self._behind[service] = [*self._behind[service], port]

    def leave(self, service: str, port: int) -> None:
        """No new connection gets there; those that are open stay."""
        self._behind[service] = [each for each in self._behind[service] if each != port]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self, listening: dict[str, socket.socket]) -> None:
        asyncio.set_event_loop(self._loop)
        for name, each in listening.items():

            async def pass_on(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str = name
            ) -> None:
                await self._pass_on(name, reader, writer)

            self._loop.run_until_complete(asyncio.start_server(pass_on, sock=each))
        self._loop.run_forever()

    async def _pass_on(
        self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for port in self._in_turn(service):
            with contextlib.suppress(OSError):
                answers, questions = await asyncio.open_connection(HOST, port)
                self.taken[port] += 1
                await asyncio.gather(_copy(reader, questions), _copy(answers, writer))
                return
        writer.close()

    def _in_turn(self, service: str) -> Iterable[int]:
        behind = self._behind[service]
        self._turns[service] += 1
        at = self._turns[service] % max(len(behind), 1)
        return [*behind[at:], *behind[:at]]


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All bytes one way; the end of one side is passed on to the other."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
