"""A service of a running shop holds: its visitors and workers notice nothing of an attack."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from deploy.local import environment
from tests.front_door.attack import Address, Attack, Plan, Visitors
from tests.front_door.targets import ADDRESSES, PATHS
from tests.shop import Shop


def address(shop: Shop, service: str) -> Address:
    parts = urlsplit(environment.addresses(shop.ports)[ADDRESSES[service]])
    return parts.hostname or "", parts.port or 0


def must_hold(shop: Shop, service: str, plan: Plan, seconds: float) -> None:
    member, at = shop.members[service], address(shop, service)
    workers, written = member.children(), member.log.stat().st_size
    with Attack(at, plan) as attack, Visitors(at, PATHS[service]) as visitors:
        time.sleep(seconds)
    assert attack.opened >= plan.half_heads + plan.half_bodies + plan.trickled
    assert visitors.failures == []
    assert len(visitors.times) >= seconds
    assert member.children() == workers
    assert b"WORKER TIMEOUT" not in member.log.read_bytes()[written:]
