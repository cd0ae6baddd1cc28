"""Statements a request. What works in the background is frozen, so every one is of the request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

import requests

from tests.faults import goods
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn
from tests.statement_log import StatementLog, frozen, logged

TRIES = 5  # the fewest count: a try may meet a fresh connection and its settings


def count(system: System) -> dict[str, Counter[str]]:
    """Statements by request and database."""
    products = f"{system.catalogue_url}/v1/products"
    asked: dict[str, Callable[[int], object]] = {
        "product list of 10": lambda n: _get(f"{products}?page_size={10 + n}"),
        "product list of 90": lambda n: _get(f"{products}?page_size={90 + n}"),
        "product page": lambda n: _get(f"{products}/{goods.name(n).lower()}"),
        "place an order": lambda n: _place(system, n),
    }
    with frozen(system), logged(system) as log:
        return {name: min(_counted(log, ask), key=Counter.total) for name, ask in asked.items()}


def _counted(log: StatementLog, ask: Callable[[int], object]) -> Iterator[Counter[str]]:
    for number in range(TRIES):
        log.count()
        ask(number)
        yield log.count()


def _get(url: str) -> None:
    requests.get(url, timeout=10).raise_for_status()


def _place(system: System, number: int) -> None:
    body = goods.order_body([(goods.name(0), 1), (goods.name(1), 2)], email="count@example.org")
    wish = Wish("guest:statements", f"statements-{number}-{time.time_ns()}", body)
    (placed,) = in_turn(system, [wish], buyers=1)
    if placed.answer.status != 202:
        raise RuntimeError(f"The order was not placed: {placed.answer.content!r}")
