"""Questions that a started program must answer before it counts as ready."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable

from deploy.local.ports import HOST


def answers_http(port: int, path: str) -> Callable[[], bool]:
    """Ready once GET `path` is answered with 200."""

    def ask() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=3)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def listens(port: int) -> Callable[[], bool]:
    """Ready once a connection is accepted."""

    def ask() -> bool:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return True
        except OSError:
            return False

    return ask


def at_once() -> bool:
    """For a loop without a port: ready when it runs."""
    return True
