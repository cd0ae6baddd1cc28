"""Clients that hold on to each service stop nobody else: over real sockets, with its own flags."""

from __future__ import annotations

import pytest

from tests.deploy.manifests import workload
from tests.front_door.attack import Plan
from tests.front_door.holding import must_hold
from tests.front_door.targets import PATHS
from tests.shop import Shop

SECONDS = 10.0


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
    must_hold(shop, service, Plan(), SECONDS)
