"""Prometheus in the cluster sees every process of the shop."""

from __future__ import annotations

from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, wait_until
from tests.cluster.prometheus import prometheus
from tests.deploy.call_graph import METERED


def test_every_process_is_scraped(healthy: Shop, kubectl: Kubectl) -> None:
    with prometheus(kubectl) as metrics:

        def lacking() -> set[str]:
            up = {
                each["metric"]["job"]: each["value"][1]
                for each in metrics.query("min by (job) (up)")
            }
            return {app for app in METERED if up.get(app) != "1"}

        wait_until(lambda: not lacking(), f"all of {METERED} are up", 120)
