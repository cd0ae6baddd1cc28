"""From an empty cluster to a shop that sells and goes on selling."""

from __future__ import annotations

import time

import pytest

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, Refused
from tests.cluster.traffic import Traffic

MOST_SECONDS = 300.0
TRAFFIC_SECONDS = 600.0


def test_an_empty_cluster_becomes_a_shop(shop: Shop, kubectl: Kubectl) -> None:
    if shop.delivery is None:
        pytest.skip("a shop was there before; CLUSTER_WIPE=1 begins with an empty namespace")
    print(f"    deployed in {shop.seconds:.0f} s")
    assert shop.delivery.code == 0, shop.delivery.shown
    assert "confirmed after" in shop.delivery.shown
    assert shop.seconds <= MOST_SECONDS
    assert [pod.name for pod in kubectl.pods() if not pod.is_ready] == []


def test_pod_security_is_enforced(healthy: Shop, kubectl: Kubectl) -> None:
    labels = kubectl.get(f"namespace/{kubectl.namespace}")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    with pytest.raises(Refused, match='violates PodSecurity "restricted:latest"'):
        kubectl("run", "as-root", "--image=techcommerce/storefront:local", "--restart=Never")


def test_nothing_restarts_under_traffic(healthy: Shop, kubectl: Kubectl, traffic: Traffic) -> None:
    before = {pod.name: pod.restarts for pod in kubectl.pods()}
    with traffic:
        time.sleep(TRAFFIC_SECONDS)
    traffic.must_be_whole()
    assert {pod.name: pod.restarts for pod in kubectl.pods() if pod.name in before} == before
    books.must_agree(kubectl, traffic.orders)
