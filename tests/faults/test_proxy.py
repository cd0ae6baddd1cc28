"""The proxy breaks connections in exactly the way that it was asked to."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from deploy.local.ports import HOST
from tests.faults.edges import HOPS, Proxy

EDGE = "order-worker->sandbox"


class Echo:
    """A server that answers each chunk with the same bytes and counts them."""

    def __init__(self) -> None:
        self.received = b""
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while chunk := connection.recv(4096):
                self.received += chunk
                connection.sendall(chunk)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    callees = {callee for callees in HOPS.values() for callee in callees}
    proxy = Proxy(dict.fromkeys(callees, echo.port))
    yield proxy
    proxy.stop()


def dial(proxy: Proxy) -> socket.socket:
    connection = socket.create_connection((HOST, proxy.ports[EDGE]), timeout=5)
    connection.settimeout(5)
    return connection


def ask(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    return connection.recv(4096)


def test_bytes_pass_when_nothing_is_wrong(proxy: Proxy) -> None:
    with dial(proxy) as connection:
        assert ask(connection, b"one") == b"one"
        assert ask(connection, b"two") == b"two"


def test_delay_holds_each_chunk_back(proxy: Proxy) -> None:
    proxy.set(EDGE, "delay", seconds=0.2)
    with dial(proxy) as connection:
        began = time.monotonic()
        assert ask(connection, b"slow") == b"slow"
        assert time.monotonic() - began >= 0.4  # there and back


def test_hole_keeps_the_bytes_until_it_is_healed(proxy: Proxy, echo: Echo) -> None:
    with dial(proxy) as connection, dial(proxy) as late:
        assert ask(connection, b"before") == b"before"
        proxy.set(EDGE, "hole")
        connection.sendall(b"lost?")
        late.sendall(b"late")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(4096)
        assert echo.received == b"before"
        proxy.set(EDGE, "pass")
        connection.settimeout(5)
        assert connection.recv(4096) == b"lost?"
        assert late.recv(4096) == b"late"


def test_reset_ends_old_and_new_connections(proxy: Proxy) -> None:
    with dial(proxy) as connection:
        assert ask(connection, b"before") == b"before"
        proxy.set(EDGE, "reset")
        with pytest.raises(ConnectionResetError):
            ask(connection, b"after")
    with pytest.raises(ConnectionError), dial(proxy) as fresh:
        ask(fresh, b"refused")
    proxy.set(EDGE, "pass")
    with dial(proxy) as connection:
        assert ask(connection, b"again") == b"again"


def test_cut_delivers_the_request_and_drops_the_answer(proxy: Proxy, echo: Echo) -> None:
    proxy.set(EDGE, "cut")
    with dial(proxy) as connection, pytest.raises(ConnectionResetError):
        ask(connection, b"effect")
    assert echo.received == b"effect"


def test_other_edges_are_left_alone(proxy: Proxy) -> None:
    proxy.set("order-worker->smtp", "reset")
    with dial(proxy) as connection:
        assert ask(connection, b"fine") == b"fine"
