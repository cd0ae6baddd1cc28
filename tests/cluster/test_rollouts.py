"""Each Deployment is restarted while people shop, and none of them notices."""

from __future__ import annotations

import time

import pytest

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl
from tests.cluster.traffic import Traffic

OF_THE_SHOP = (
    *("storefront", "product-service", "order-service"),
    *("order-worker", "order-dispatcher"),
    *("product-worker", "product-sweep", "storefront-sweep"),
)
OTHERS = ("sandbox", "mail", "redis-cache")


def test_every_deployment_is_tried(healthy: Shop, kubectl: Kubectl) -> None:
    assert set(kubectl.deployments()) == {*OF_THE_SHOP, *OTHERS}


@pytest.mark.parametrize("deployment", [*OF_THE_SHOP, *OTHERS])
def test_a_rolling_restart_costs_no_request_and_no_order(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, deployment: str
) -> None:
    with traffic:
        time.sleep(10)
        kubectl("rollout", "restart", f"deployment/{deployment}")
        kubectl.wait_for_rollout(f"deployment/{deployment}")
        kubectl.wait_until_settled(deployment)
        time.sleep(10)
    traffic.must_be_whole()
    books.must_agree(kubectl, traffic.orders)
