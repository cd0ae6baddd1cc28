"""Staging and production in one cluster: each sells, and neither sees or reaches the other.

By trial overlays: their namespaces and policies, with little asked of the node and, for production,
databases and a bank brought along and other ports, so that the local shop may live there as well.
They end with the test, data and all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cluster.delivery import ROOT, Delivery, deploy, make_namespaces
from tests.cluster.kubectl import Kubectl, wait_until
from tests.cluster.prometheus import prometheus
from tests.cluster.test_network import CONNECT
from tests.deploy.call_graph import METERED
from tests.deploy.manifests import SPACES

DOORS = {"staging": 30100, "production": 30200}
MAIL_PASSWORD = {"EMAIL_PASSWORD": "nobody-asks-for-it"}
SMOKE = ROOT / "deploy" / "scripts" / "smoke.py"


@dataclass(frozen=True)
class Resident:
    """One of the shops of the cluster."""

    url: str
    shop: Kubectl
    monitoring: Kubectl
    delivery: Delivery


@pytest.fixture(scope="module")
def residents() -> Iterator[dict[str, Resident]]:
    anywhere = Kubectl("default")
    if taken := ports(anywhere) & set(DOORS.values()):
        pytest.skip(f"another shop of this cluster has the ports {sorted(taken)}")
    named = [name for of in DOORS for name in SPACES[of]]
    try:
        yield {of: move_in(of, node(anywhere)) for of in DOORS}
    finally:
        anywhere("delete", "namespace", *named, "--ignore-not-found", seconds=300)


def move_in(of: str, host: str) -> Resident:
    shop, monitoring = SPACES[of]
    make_namespaces(shop, monitoring, **(MAIL_PASSWORD if of == "production" else {}))
    url = f"http://{host}:{DOORS[of]}"
    delivery = deploy(str(ROOT / "tests/cluster/trial" / of), url, "--timeout", "600")
    return Resident(url, Kubectl(shop), Kubectl(monitoring), delivery)


def node(kubectl: Kubectl) -> str:
    """An address at which every NodePort answers."""
    addresses = kubectl.get("nodes")["items"][0]["status"]["addresses"]
    return next(str(each["address"]) for each in addresses if each["type"] == "InternalIP")


def ports(kubectl: Kubectl) -> set[int]:
    services = kubectl.get("services", "--all-namespaces")["items"]
    return {port.get("nodePort", 0) for each in services for port in each["spec"]["ports"]}


@pytest.mark.parametrize("of", DOORS)
def test_each_is_deployed_and_sells(residents: dict[str, Resident], of: str) -> None:
    delivery = residents[of].delivery
    assert delivery.code == 0, delivery.shown
    assert "confirmed after" in delivery.shown


@pytest.mark.parametrize("of", DOORS)
def test_each_sells_beside_the_other(residents: dict[str, Resident], of: str) -> None:
    command = [sys.executable, str(SMOKE), residents[of].url]
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"    {of}: {done.stdout.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("of", DOORS)
def test_each_is_watched_by_its_own_prometheus_alone(
    residents: dict[str, Resident], of: str
) -> None:
    """Every metered pod of this shop is a target, and no pod of the other."""
    own = {f"{pod.address}:9100" for pod in residents[of].shop.pods() if pod.app in METERED}
    with prometheus(residents[of].monitoring) as metrics:

        def scraped() -> set[str]:
            return {
                each["metric"]["instance"] for each in metrics.query('up{job!="alertmanager"} == 1')
            }

        wait_until(lambda: scraped() == own, f"{of}'s Prometheus reads its {len(own)} pods", 120)


@pytest.mark.parametrize("of", DOORS)
def test_neither_reaches_the_other(residents: dict[str, Resident], of: str) -> None:
    (other,) = set(DOORS) - {of}

    def passes(source: Resident, app: str, port: int) -> bool:
        address = residents[other].shop.ready_pod(app).address
        tried = json.dumps([(address, port)])
        pod = source.shop.ready_pod("storefront").name
        return bool(json.loads(source.shop.exec(pod, "python", "-c", CONNECT, tried))[0])

    for app, port in (("product-service", 8000), ("postgres", 5432), ("redis-cache", 6379)):
        assert not passes(residents[of], app, port), f"{of} reaches {app} of {other}"
        assert passes(residents[other], app, port), f"{other} does not reach its own {app}"
