"""Parts of the shop die without a warning, or are told to go; no order is lost."""

from __future__ import annotations

import json
import time
from functools import partial

import pytest

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, Pod, Refused, wait_until
from tests.cluster.processes import Processes
from tests.cluster.test_rollouts import OF_THE_SHOP, OTHERS
from tests.cluster.traffic import Traffic

DATA = ("postgres", "redis-broker", "redis-cache")
TWICE = ("storefront", "product-service", "order-service")  # one pod goes on while one is evicted


@pytest.mark.parametrize("app", [*DATA, *OF_THE_SHOP, "sandbox"])
def test_sigkill_loses_no_order(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, processes: Processes, app: str
) -> None:
    with traffic:
        time.sleep(10)
        pod = kubectl.ready_pod(app)
        processes.kill(pod)
        wait_until(lambda: restarted(kubectl, pod), f"{app} is restarted", 120)
        kubectl.wait_until_settled(app)
        time.sleep(15)
    print(f"\n    {traffic}")
    assert traffic.orders
    books.must_agree(kubectl, traffic.orders)


@pytest.mark.parametrize("app", [*OF_THE_SHOP, *DATA, "sandbox", "mail"])
def test_eviction_loses_no_order(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, app: str
) -> None:
    with traffic:
        time.sleep(5)
        for pod in kubectl.pods(app):
            evict(kubectl, pod)
            wait_until(partial(is_gone, kubectl, pod), f"{pod.name} is gone", 120)
            kubectl.wait_until_settled(app)
        time.sleep(5)
    print(f"\n    {traffic}")
    if app in TWICE:
        traffic.must_be_whole()
    books.must_agree(kubectl, traffic.orders)


def test_every_workload_is_tried(healthy: Shop, kubectl: Kubectl) -> None:
    stateful = {each["metadata"]["name"] for each in kubectl.get("statefulsets")["items"]}
    assert stateful == {"postgres", "redis-broker"}
    assert set(DATA) - stateful <= set(OTHERS)


def is_gone(kubectl: Kubectl, pod: Pod) -> bool:
    return all(each.uid != pod.uid for each in kubectl.pods(pod.app))


def restarted(kubectl: Kubectl, pod: Pod) -> bool:
    """Whether the pod's container was started anew, in it or in a pod after it."""
    now = [each for each in kubectl.pods(pod.app) if each.uid == pod.uid]
    return not now or now[0].restarts > pod.restarts


def evict(kubectl: Kubectl, pod: Pod) -> None:
    """By the eviction API, which asks the disruption budget; again while it says not now."""
    path = f"/api/v1/namespaces/{kubectl.namespace}/pods/{pod.name}/eviction"
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.name, "namespace": kubectl.namespace},
    }

    def is_taken() -> bool:
        try:
            kubectl("create", "--raw", path, "--filename", "-", sent=json.dumps(eviction))
        except Refused as refused:
            if "disruption budget" not in str(refused):
                raise
            return False
        return True

    wait_until(is_taken, f"the eviction of {pod.name} is allowed", 120)
