"""Orders accepted and confirmed a second, one hot SKU against many, and the shop without Redis."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.meter import Meter, Used
from tests.faults import goods
from tests.faults.figures import quantile
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn

BUYERS = 8
ORDERS = 400
WITHOUT_REDIS = 200
LONGEST_SECONDS = 120.0


@dataclass(frozen=True)
class Trade:
    """What came of a burst of orders. A mail never holds up an order, so they count apart."""

    accepted_per_second: float
    confirmed_per_second: float  # from the first placement to the last confirmation
    drained_per_second: float  # what was left when the last one was accepted, until all were done
    mailed_per_second: float  # from the first placement to the last mail
    p50_ms: float
    p99_ms: float
    used: Used  # CPU for each order, its mails included: what the rates are made of


def trade(system: System, name: str, skus: Sequence[str], *, orders: int = ORDERS) -> Trade:
    """`orders` orders of one piece by 8 buyers, the SKUs in turn; all must be decided."""
    observer = Observer(system.orders_database)
    wishes = [
        Wish(
            subject=f"guest:{name}-{number % BUYERS}",
            key=f"bench-{name}-{number}",
            body=goods.order_body([(skus[number % len(skus)], 1)], email="bench@example.org"),
        )
        for number in range(orders)
    ]
    meter, began = Meter(system.members), time.monotonic()
    placed = in_turn(system, wishes, buyers=BUYERS)
    placing = time.monotonic() - began
    left = sum(map(len, observer.in_flight()[0].values()))
    draining = time.monotonic()
    if observer.decide(LONGEST_SECONDS) is None:
        raise RuntimeError(f"{name}: not confirmed within {LONGEST_SECONDS:.0f} s")
    decided = time.monotonic()
    if observer.drain(LONGEST_SECONDS) is None:
        raise RuntimeError(f"{name}: mails not sent within {LONGEST_SECONDS:.0f} s")
    mailed = time.monotonic()
    used = meter.each(orders)
    if any(each.answer.status != 202 for each in placed):
        raise RuntimeError(f"{name}: an order was not accepted")
    seconds = [each.answer.seconds for each in placed]
    return Trade(
        accepted_per_second=orders / placing,
        confirmed_per_second=orders / (decided - began),
        drained_per_second=left / max(decided - draining, 0.001),
        mailed_per_second=orders / (mailed - began),
        p50_ms=quantile(seconds, 0.5) * 1000,
        p99_ms=quantile(seconds, 0.99) * 1000,
        used=used,
    )


def median(runs: Sequence[Trade]) -> Trade:
    """The run in the middle by what it confirmed a second, whole: its parts belong together."""
    return sorted(runs, key=lambda run: run.confirmed_per_second)[len(runs) // 2]


def without_redis(system: System, how: Literal["refused", "frozen"]) -> Trade:
    """Orders while Redis is dead, or accepts connections and never answers."""
    redis = system.members["redis"]
    if how == "refused":
        system.members.kill("redis", hold=True)
    else:
        redis.signal(signal.SIGSTOP)
    try:
        skus = [goods.name(number) for number in range(goods.COUNT)]
        return trade(system, f"redis-{how}", skus, orders=WITHOUT_REDIS)
    finally:
        redis.signal(signal.SIGCONT)
        system.members.release("redis")
        system.members.wait_until_up("redis")
