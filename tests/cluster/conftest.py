"""The cluster that kubectl points to, with the shop in it.

KUBECTL        the command (kubectl)
SHOP_URL       the storefront's NodePort (http://127.0.0.1:30000)
SHOP_OVERLAY   what is deployed where no shop is: local, or a folder like tests/cluster/trial
CLUSTER_WIPE   1 deletes namespaces "techcommerce" and "monitoring" and all their data first
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.delivery import Delivery, deploy, make_namespaces
from tests.cluster.kubectl import MONITORING, NAMESPACE, Kubectl
from tests.cluster.processes import Processes
from tests.cluster.traffic import Traffic

# Each file leaves the shop as it found it; what needs a rested one comes first.
ORDER = (
    *("policies", "deploy", "network", "dashboards", "front_door", "queue", "rollouts", "kills"),
    *("rollback", "autoscaling", "side_by_side"),
    "restore",  # after which the bank knows of orders that the shop lacks
)


@dataclass(frozen=True)
class Shop:
    """The running shop. `delivery` is None when it was there before the tests."""

    url: str
    overlay: str
    delivery: Delivery | None
    seconds: float


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("test_")))


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    return Kubectl()


@pytest.fixture(scope="session")
def monitoring() -> Kubectl:
    """The namespace of what watches the shop."""
    return Kubectl(MONITORING)


@pytest.fixture(scope="session")
def shop(kubectl: Kubectl) -> Shop:
    url = os.environ.get("SHOP_URL", "http://127.0.0.1:30000")
    overlay = os.environ.get("SHOP_OVERLAY", "local")
    if os.environ.get("CLUSTER_WIPE") == "1":
        both = (NAMESPACE, MONITORING)
        kubectl("delete", "namespace", *both, "--ignore-not-found", seconds=300)
    if kubectl.has(f"namespace/{NAMESPACE}"):
        return Shop(url, overlay, None, 0.0)
    make_namespaces(NAMESPACE, MONITORING)
    began = time.monotonic()
    delivery = deploy(overlay, url)
    return Shop(url, overlay, delivery, time.monotonic() - began)


@pytest.fixture
def healthy(shop: Shop, kubectl: Kubectl, monitoring: Kubectl) -> Shop:
    """The shop with every pod ready, which a test before may have shaken."""
    kubectl.wait_until_all_ready()
    monitoring.wait_until_all_ready()
    return shop


@pytest.fixture
def traffic(healthy: Shop) -> Traffic:
    """Not started; use it as a context."""
    return Traffic(healthy.url)


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    with Processes() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
