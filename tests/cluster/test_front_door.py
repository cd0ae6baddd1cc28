"""Clients that hold on to the shop through its NodePort stop no shopper and kill no worker."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl
from tests.cluster.traffic import Traffic
from tests.front_door.attack import Attack, Plan

SECONDS = 60.0
APPS = ("storefront", "product-service", "order-service")


def test_who_holds_on_to_the_shop_stops_no_shopper(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic
) -> None:
    _besiege(healthy, kubectl, traffic, Plan(), SECONDS)
    traffic.must_be_whole()
    books.must_agree(kubectl, traffic.orders)


def test_2500_half_requests_that_trickle_stop_no_shopper(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic
) -> None:
    _besiege(healthy, kubectl, traffic, Plan(trickled=2500), SECONDS / 2)
    traffic.must_be_whole()


def _besiege(shop: Shop, kubectl: Kubectl, traffic: Traffic, plan: Plan, seconds: float) -> None:
    parts = urlsplit(shop.url)
    address = (parts.hostname or "", parts.port or 80)
    before = {app: _pods(kubectl, app) for app in APPS}
    with traffic, Attack(address, plan) as attack:
        time.sleep(seconds)
    print(f"\n    {attack.opened} connections that held on")
    assert attack.opened >= plan.half_heads + plan.half_bodies + plan.trickled
    for app in APPS:
        assert before[app] <= _pods(kubectl, app)  # product-service may have grown meanwhile
        for name, _ in before[app]:
            log = kubectl("logs", name, f"--since={seconds + 30:.0f}s")
            assert "WORKER TIMEOUT" not in log


def _pods(kubectl: Kubectl, app: str) -> set[tuple[str, int]]:
    """Each pod with its restarts, so that one that died is seen."""
    return {(pod.name, pod.restarts) for pod in kubectl.pods(app)}
