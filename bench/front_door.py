"""Each service under clients that hold on to it: what other visitors feel, and what it costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.local import environment
from tests.faults.figures import quantile
from tests.front_door.attack import Attack, Plan, Visitors
from tests.front_door.targets import ADDRESSES, PATHS
from tests.shop import Shop

SECONDS = 60.0


@dataclass(frozen=True)
class Siege:
    """What came of it for one service."""

    service: str
    connections: int  # that the attack opened
    visits: int
    failures: list[str]
    p50_ms: float
    p99_ms: float
    before_bytes: int  # memory of its processes
    most_bytes: int


def besiege(shop: Shop, seconds: float = SECONDS) -> Iterator[Siege]:
    """One service after the other."""
    addresses = environment.addresses(shop.ports)
    for service, path in PATHS.items():
        parts = urlsplit(addresses[ADDRESSES[service]])
        at = (parts.hostname or "", parts.port or 0)
        memory = [shop.members.memory_bytes()[service]]
        with Attack(at, Plan()) as attack, Visitors(at, path) as visitors:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(min(5.0, seconds))
                memory.append(shop.members.memory_bytes()[service])
        yield Siege(
            service,
            attack.opened,
            len(visitors.times),
            visitors.failures,
            quantile(visitors.times, 0.5) * 1000,
            quantile(visitors.times, 0.99) * 1000,
            memory[0],
            max(memory),
        )
