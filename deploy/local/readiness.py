"""Questions that a started program must answer before it counts as ready."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from contextlib import closing

from deploy.local.ports import HOST


def answers_http(port: int, path: str, *, below: int = 500) -> Callable[[], bool]:
    """Ready once GET `path` is answered with a status below the given one: no server's error.

    A refusal is an answer: ALLOWED_HOSTS of the user's own may lack the address that we ask.
    """

    def ask() -> bool:
        try:
            with closing(http.client.HTTPConnection(HOST, port, timeout=3)) as connection:
                connection.request("GET", path)
                return connection.getresponse().status < below
        except (OSError, http.client.HTTPException):
            return False

    return ask


def every(*questions: Callable[[], bool]) -> Callable[[], bool]:
    """Ready once all answer yes, in turn; without a question, as soon as it runs."""
    return lambda: all(question() for question in questions)
