"""A connection to PostgreSQL that is lost in the middle of a request, at any of its statements."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

PATIENCE_SECONDS = 5.0
MOST_STATEMENTS = 80


def each_loss(send: Callable[[], Any]) -> Iterator[tuple[int, Any]]:
    """(number, answer of `send`) of a request that loses its connection after 0, 1, 2 ... of its
    statements, until one ends before that; it is the last. `send` may be repeated by then.

    For tests with real commits: `django_db(transaction=True)`.
    """
    for number in range(MOST_STATEMENTS):
        with lost_after(number) as sent:
            answer = send()
        yield number, answer
        if len(sent) < number or (len(sent) == number and answer.status_code < 500):
            return
    raise AssertionError(f"more than {MOST_STATEMENTS} statements")


@contextmanager
def lost_after(number: int) -> Iterator[list[str]]:
    """The server ends the session after `number` statements; gives what was sent so far."""
    sent: list[str] = []

    def cut(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if len(sent) == number == 0:
            _end_the_session()
        sent.append(sql)
        result = execute(sql, params, many, context)
        if len(sent) == number:
            _end_the_session()
        return result

    connection.ensure_connection()
    try:
        with connection.execute_wrapper(cut):
            yield sent
    finally:
        connection.close()
        connection.connect()  # a block that failed inside left marks that only this takes away


def _end_the_session() -> None:
    """The server's last words make the socket readable, which is waited for."""
    with connection.copy().cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        cursor.db.close()
    assert select.select([connection.connection], [], [], PATIENCE_SECONDS)[0]
