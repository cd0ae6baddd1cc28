"""A client of bare bytes: sends pieces, and tells what came back."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3})", re.MULTILINE)
PAUSE_SECONDS = 0.02  # so that pieces arrive apart
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Told:
    """All that the server sent, until it closed."""

    content: bytes
    seconds: float

    @property
    def statuses(self) -> list[int]:
        return [int(each) for each in STATUS.findall(self.content)]

    @property
    def body(self) -> bytes:
        return self.content.rpartition(b"\r\n\r\n")[2]


async def tell(
    port: int, *pieces: bytes, pause: float = PAUSE_SECONDS, half_close: bool = False
) -> Told:
    """Send all pieces whatever comes back. Raises TimeoutError when the server never closes."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sending = asyncio.create_task(_send(writer, pieces, pause, half_close))
    try:
        content = await asyncio.wait_for(_receive(reader), PATIENCE_SECONDS)
        return Told(content, time.monotonic() - began)
    finally:
        sending.cancel()
        writer.transport.abort()


def ask(port: int, *pieces: bytes, half_close: bool = False) -> Told:
    return asyncio.run(tell(port, *pieces, half_close=half_close))


async def _send(
    writer: asyncio.StreamWriter, pieces: tuple[bytes, ...], pause: float, half_close: bool
) -> None:
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if half_close:
            writer.write_eof()
    except ConnectionError:
        return


async def _receive(reader: asyncio.StreamReader) -> bytes:
    received = b""
    try:
        while piece := await reader.read(65536):
            received += piece
    except ConnectionError:
        pass
    return received
