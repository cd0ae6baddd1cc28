"""Clients that hold on to each service stop nobody else: over real sockets, with its own flags."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from deploy.local import environment
from tests.deploy.manifests import workload
from tests.front_door.attack import Address, Attack, Plan, Visitors
from tests.front_door.targets import ADDRESSES, PATHS
from tests.shop import Shop

SECONDS = 10.0
SHORT_SECONDS = 5.0
SLOW = Plan(
    slow_readers=16,
    slow_uploads=16,
    reads="/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    uploads_to="/admin/login/",
)


def address(shop: Shop, service: str) -> Address:
    parts = urlsplit(environment.addresses(shop.ports)[ADDRESSES[service]])
    return parts.hostname or "", parts.port or 0


@pytest.mark.parametrize("service", PATHS)
def test_the_running_shop_has_the_flags_of_the_manifests(shop: Shop, service: str) -> None:
    pod = workload(service.replace("_", "-"), of="local")
    program = shop.members[service].program
    command = pod.container["command"]
    assert list(program.argv[-len(command) :]) == command
    for name in ("WEB_WORKERS", "WEB_THREADS"):
        assert program.environment[name] == pod.environment[name]


@pytest.mark.parametrize("service", PATHS)
def test_who_holds_on_to_a_service_stops_nobody_else(shop: Shop, service: str) -> None:
    _must_hold(shop, service, Plan(), SECONDS)


@pytest.mark.parametrize("service", ["storefront", "product_service"])
def test_2500_half_requests_that_trickle_stop_nobody_else(shop: Shop, service: str) -> None:
    _must_hold(shop, service, Plan(trickled=2500), SHORT_SECONDS)


def test_slow_readers_and_slow_uploads_stop_nobody_else(shop: Shop) -> None:
    _must_hold(shop, "product_service", SLOW, SHORT_SECONDS)


def _must_hold(shop: Shop, service: str, plan: Plan, seconds: float) -> None:
    member, at = shop.members[service], address(shop, service)
    workers, written = member.children(), member.log.stat().st_size
    with Attack(at, plan) as attack, Visitors(at, PATHS[service]) as visitors:
        time.sleep(seconds)
    assert attack.opened >= plan.half_heads + plan.half_bodies + plan.trickled
    assert visitors.failures == []
    assert len(visitors.times) >= seconds
    assert member.children() == workers
    assert b"WORKER TIMEOUT" not in member.log.read_bytes()[written:]
