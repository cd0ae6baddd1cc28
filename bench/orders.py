"""Orders accepted and confirmed a second, one hot SKU against many, and the shop without Redis."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.faults import goods
from tests.faults.figures import quantile
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn

BUYERS = 8
ORDERS = 400
LONGEST_SECONDS = 120.0


@dataclass(frozen=True)
class Trade:
    """What came of a burst of orders."""

    accepted_per_second: float
    confirmed_per_second: float  # from the first placement to the last confirmation
    drained_per_second: float  # what was left when the last one was accepted, until all were done
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float]  # CPU time an order, by program: what the rates are made of


def trade(system: System, name: str, skus: Sequence[str], *, orders: int = ORDERS) -> Trade:
    """`orders` orders of one piece by 8 buyers, the SKUs in turn; all must be confirmed."""
    observer = Observer(system.orders_database)
    wishes = [
        Wish(
            subject=f"guest:{name}-{number % BUYERS}",
            key=f"bench-{name}-{number}",
            body=goods.order_body([(skus[number % len(skus)], 1)], email="bench@example.org"),
        )
        for number in range(orders)
    ]
    used = system.members.cpu_seconds()
    began = time.monotonic()
    placed = in_turn(system, wishes, buyers=BUYERS)
    placing = time.monotonic() - began
    left = sum(map(len, observer.in_flight()[0].values()))
    draining = time.monotonic()
    if observer.drain(LONGEST_SECONDS) is None:
        raise RuntimeError(f"{name}: not confirmed within {LONGEST_SECONDS:.0f} s")
    ended = time.monotonic()
    now_used = system.members.cpu_seconds()
    if any(each.answer.status != 202 for each in placed):
        raise RuntimeError(f"{name}: an order was not accepted")
    seconds = [each.answer.seconds for each in placed]
    return Trade(
        accepted_per_second=orders / placing,
        confirmed_per_second=orders / (ended - began),
        drained_per_second=left / max(ended - draining, 0.001),
        p50_ms=quantile(seconds, 0.5) * 1000,
        p99_ms=quantile(seconds, 0.99) * 1000,
        cpu_ms={name: (now_used[name] - used[name]) * 1000 / orders for name in used},
    )


def without_redis(system: System, how: Literal["refused", "frozen"]) -> Trade:
    """200 orders while Redis is dead, or accepts connections and never answers."""
    redis = system.members["redis"]
    if how == "refused":
        system.members.kill("redis", hold=True)
    else:
        redis.signal(signal.SIGSTOP)
    try:
        skus = [goods.name(number) for number in range(goods.COUNT)]
        return trade(system, f"redis-{how}", skus, orders=200)
    finally:
        redis.signal(signal.SIGCONT)
        system.members.release("redis")
        system.members.wait_until_up("redis")
