"""Statements a request, counted in PostgreSQL's own log.

Transaction control and the check whether a kept connection still lives are not counted. What
works in the background is frozen meanwhile, so every line is of the request.
"""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import requests

from tests.faults import goods
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn

LINE = re.compile(r"\] (\w+) LOG:  (?:statement|execute [^:]+):\s*(.*)")
UNCOUNTED = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SELECT 1$)", re.IGNORECASE)
TRIES = 5  # the fewest count: a try may meet a fresh connection and its settings
BACKGROUND = ("order-worker", "order-dispatcher", "order-dispatcher-2", "product-sweep")


def count(system: System) -> dict[str, Counter[str]]:
    """Statements by request and database."""
    products = f"{system.catalogue_url}/v1/products"
    asked: dict[str, Callable[[int], object]] = {
        "product list of 10": lambda n: _get(f"{products}?page_size={10 + n}"),
        "product list of 90": lambda n: _get(f"{products}?page_size={90 + n}"),
        "product page": lambda n: _get(f"{products}/{goods.name(n).lower()}"),
        "place an order": lambda n: _place(system, n),
    }
    log = system.members["postgres"].log
    with _logging(system):
        return {name: min(_counted(log, ask), key=Counter.total) for name, ask in asked.items()}


def _counted(log: Path, ask: Callable[[int], object]) -> Iterator[Counter[str]]:
    for number in range(TRIES):
        begin = log.stat().st_size
        ask(number)
        time.sleep(0.1)
        with log.open("rb") as lines:
            lines.seek(begin)
            found = LINE.findall(lines.read().decode("utf-8", "replace"))
        yield Counter(name for name, text in found if not UNCOUNTED.match(text.strip()))


@contextmanager
def _logging(system: System) -> Iterator[None]:
    """Every statement is logged, and what works in the background is frozen."""
    background = [system.members[each] for each in BACKGROUND if each in system.members.names()]
    for member in background:
        member.signal(signal.SIGSTOP)
    _configure(system, "ALTER SYSTEM SET log_statement = 'all'")
    try:
        yield
    finally:
        _configure(system, "ALTER SYSTEM RESET log_statement")
        for member in background:
            member.signal(signal.SIGCONT)


def _configure(system: System, statement: str) -> None:
    with psycopg.connect(system.server_database, autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)  # sessions read their settings again between two statements


def _get(url: str) -> None:
    requests.get(url, timeout=10).raise_for_status()


def _place(system: System, number: int) -> None:
    body = goods.order_body([(goods.name(0), 1), (goods.name(1), 2)], email="count@example.org")
    wish = Wish("guest:statements", f"statements-{number}-{time.time_ns()}", body)
    (placed,) = in_turn(system, [wish], buyers=1)
    if placed.answer.status != 202:
        raise RuntimeError(f"The order was not placed: {placed.answer.content!r}")
