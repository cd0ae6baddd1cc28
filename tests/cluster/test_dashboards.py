"""Prometheus in the cluster sees every process, and every panel of the dashboards has figures."""

from __future__ import annotations

from deploy.local.traffic import command
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, wait_until
from tests.cluster.prometheus import prometheus
from tests.deploy.call_graph import METERED
from tests.monitoring import panels

SHOPPING = ("--seconds", "180", "--shoppers", "6")
BANK = 8003  # port of SANDBOX_PUBLIC_URL, where some of the shoppers confirm their payment


def test_every_process_is_scraped(healthy: Shop, monitoring: Kubectl) -> None:
    with prometheus(monitoring) as metrics:

        def lacking() -> set[str]:
            up = metrics.query("min by (job) (up) == 1")
            return set(METERED) - {each["metric"]["job"] for each in up}

        wait_until(lambda: not lacking(), f"all of {METERED} are up", 120)


def test_every_panel_has_figures(healthy: Shop, kubectl: Kubectl, monitoring: Kubectl) -> None:
    with kubectl.forward("deployment/sandbox", 8000, local=BANK):
        command.main([*SHOPPING, "--url", healthy.url])
    with prometheus(monitoring) as metrics:
        asked = panels.Prometheus(metrics.url, interval="1m", minutes=5)
        empty = [f"{each.dashboard} / {each.panel}" for each in panels.judge(asked).empty]
    assert empty == []
