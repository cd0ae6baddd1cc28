"""Questions that a started program must answer before it counts as ready."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable

from deploy.local.ports import HOST


def answers_http(port: int, path: str, *, below: int = 500) -> Callable[[], bool]:
    """Ready once GET `path` is answered with a status below the given one: no server's error.

    A refusal is an answer: ALLOWED_HOSTS of the user's own may lack the address that we ask.
    """

    def ask() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=3)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < below
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def every(*questions: Callable[[], bool]) -> Callable[[], bool]:
    """Ready once all answer yes; a question is asked only after those before it."""
    return lambda: all(question() for question in questions)


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
