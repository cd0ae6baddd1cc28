"""From placed to confirmed in a shop that does nothing else: one order at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg

from tests.faults import goods
from tests.faults.figures import quantile
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn

ORDERS = 60
POLL_SECONDS = 0.004
LONGEST_SECONDS = 30.0
# Between two orders, in turn: each meets the loops of the shop at another moment of their turns.
PAUSES = [0.02 * number for number in range(10)]
STATE = "SELECT state FROM orders_order WHERE number = %s"


@dataclass(frozen=True)
class Decided:
    """Milliseconds from the answer that accepts an order until it stands as confirmed."""

    p50_ms: float
    p99_ms: float


def decided(system: System, *, orders: int = ORDERS) -> Decided:
    """The next order waits until the last one is confirmed and its mail is sent."""
    observer = Observer(system.orders_database)
    with psycopg.connect(system.orders_database, autocommit=True) as connection:
        seconds = []
        for number in range(orders):
            seconds.append(_one(system, connection, number))
            if observer.drain(LONGEST_SECONDS) is None:
                raise RuntimeError("The mail of an order was not sent.")
            time.sleep(PAUSES[number % len(PAUSES)])
    return Decided(quantile(seconds, 0.5) * 1000, quantile(seconds, 0.99) * 1000)


def _one(system: System, connection: psycopg.Connection, number: int) -> float:
    body = goods.order_body([(goods.name(number), 1)], email="idle@example.org")
    (placed,) = in_turn(system, [Wish("guest:idle", f"idle-{number}", body)], buyers=1)
    began = placed.answer.answered_at
    while time.monotonic() - began < LONGEST_SECONDS:
        row = connection.execute(STATE, [placed.number]).fetchone()
        if row == ("confirmed",):
            return time.monotonic() - began
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"Order {placed.number} was not confirmed.")
