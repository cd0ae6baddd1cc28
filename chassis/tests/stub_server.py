"""A scripted HTTP server: each connection or request gets the next behaviour of the script."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket], None]


def answer(status: str, body: bytes = b"{}", *headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection: connection.sendall(head + body)


def silence(seconds: float) -> Behaviour:
    return lambda connection: time.sleep(seconds)


def drip(connection: socket.socket) -> None:
    """Promise a long body and send it a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    connection.sendall(b"Content-Length: 200\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.02)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class StubServer:
    """Counts what reached it and plays its script, one behaviour a connection."""

    def __init__(self, script: list[Behaviour]) -> None:
        self.script = script
        self.requests: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0), reuse_port=True)
        # Keeps the address from other servers of this machine when this one has left.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._held.bind(self._socket.getsockname())
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def leave(self) -> None:
        """From now on nobody listens at the address."""
        self._socket.close()

    def close(self) -> None:
        self.leave()
        self._held.close()

    def _serve(self) -> None:
        for behaviour in self.script:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(connection, behaviour), daemon=True).start()

    def _play(self, connection: socket.socket, behaviour: Behaviour) -> None:
        with connection:
            self.requests.append(_read(connection))
            try:
                behaviour(connection)
            except OSError:
                return


@contextmanager
def serving(*script: Behaviour) -> Iterator[StubServer]:
    server = StubServer(list(script))
    try:
        yield server
    finally:
        server.close()


def _read(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(4096)
        if not chunk:
            break
        received += chunk
    return received.decode()
