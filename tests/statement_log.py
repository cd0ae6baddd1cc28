"""Statements that databases are asked, by database, from PostgreSQL's own log.

Transaction control and the check whether a kept connection still lives are not counted.
"""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from tests.faults.system import System

LINE = re.compile(r"\] (\w+) LOG:  (?:statement|execute [^:]+):\s*(.*)")
UNCOUNTED = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SELECT 1$)", re.IGNORECASE)
# What works without being asked.
BACKGROUND = (
    *("order-worker", "order-dispatcher", "order-dispatcher-2"),
    *("product-sweep", "storefront-sweep"),
)
SETTLING_SECONDS = 0.1  # until the log has been written


class StatementLog:
    """Each `count()` is of the statements since the one before."""

    def __init__(self, system: System) -> None:
        self._path = system.members["postgres"].log
        self._read = self._path.stat().st_size

    def count(self) -> Counter[str]:
        return Counter(name for name, _ in self.statements())

    def statements(self) -> list[tuple[str, str]]:
        """(database, statement) in order; of a statement of many lines the first."""
        time.sleep(SETTLING_SECONDS)
        with self._path.open("rb") as lines:
            lines.seek(self._read)
            content = lines.read()
        self._read += len(content)
        found = LINE.findall(content.decode("utf-8", "replace"))
        return [(name, text) for name, text in found if not UNCOUNTED.match(text.strip())]


@contextmanager
def logged(system: System) -> Iterator[StatementLog]:
    """Every statement is logged meanwhile."""
    _configure(system, "ALTER SYSTEM SET log_statement = 'all'")
    try:
        yield StatementLog(system)
    finally:
        _configure(system, "ALTER SYSTEM RESET log_statement")


@contextmanager
def frozen(system: System, names: Iterable[str] = BACKGROUND) -> Iterator[None]:
    """These programs stand still, those of them that run, so that what is counted is asked for."""
    members = [system.members[name] for name in names if name in system.members.names()]
    for member in members:
        member.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for member in members:
            member.signal(signal.SIGCONT)


def _configure(system: System, statement: str) -> None:
    with psycopg.connect(system.server_database, autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)  # sessions read their settings again between two statements
