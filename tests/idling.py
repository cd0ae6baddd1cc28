"""A transaction that idled for too long, so that PostgreSQL has ended its session."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

PATIENCE_SECONDS = 5.0


@contextmanager
def session_ended_by_the_server() -> Iterator[None]:
    """The next statement learns of it. For tests with real commits: `django_db(transaction=True)`.

    The last words of the server make the socket readable, which is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 50")  # milliseconds
        transaction.set_autocommit(False)
        cursor.execute("SELECT 1")
    try:
        assert select.select([connection.connection], [], [], PATIENCE_SECONDS)[0]
        yield
    finally:
        connection.close()
        connection.connect()  # a block that failed inside left marks that only this takes away
