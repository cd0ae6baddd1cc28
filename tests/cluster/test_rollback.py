"""A release that cannot run is undone by deploy.sh itself, and the shop goes on all the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.delivery import deploy, set_container, variation
from tests.cluster.kubectl import Kubectl
from tests.cluster.test_rollouts import OF_THE_SHOP, OTHERS
from tests.cluster.traffic import Traffic

BACK = "Every workload is back at its revision, and the shop sells."
BROKEN = "techcommerce/broken:never-built"


def must_be_undone(
    shop: Shop, kubectl: Kubectl, traffic: Traffic, overlay: str, why: str, *, is_whole: bool = True
) -> None:
    before = images(kubectl)
    with traffic:
        delivery = deploy(overlay, shop.url, "--timeout", "120")
    assert delivery.code == 1, delivery.shown
    assert delivery.last_line.startswith(f"Failed: {why}")
    assert delivery.last_line.endswith(BACK)
    if is_whole:
        traffic.must_be_whole()
    assert images(kubectl) == before
    kubectl.wait_until_all_ready()
    books.must_agree(kubectl, traffic.orders)


def images(kubectl: Kubectl) -> dict[str, str]:
    listed: list[dict[str, Any]] = kubectl.get("deployments,statefulsets")["items"]
    return {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]["image"]
        for each in listed
    }


@pytest.mark.parametrize("deployment", [*OF_THE_SHOP, *OTHERS])
def test_a_broken_image_is_undone(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, folder: Path, deployment: str
) -> None:
    broken = set_container("Deployment", deployment, "image", BROKEN)
    overlay = variation(healthy.overlay, folder, broken)
    why = f"{deployment}: its image cannot be pulled: "
    must_be_undone(healthy, kubectl, traffic, overlay, why)


@pytest.mark.parametrize("single", ["postgres", "redis-broker"])
def test_a_broken_image_of_what_there_is_one_of_is_undone(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, folder: Path, single: str
) -> None:
    """While it is broken it is away, so pages fail; no order is lost, and it comes back."""
    overlay = variation(
        healthy.overlay, folder, set_container("StatefulSet", single, "image", BROKEN)
    )
    why = f"{single}: its image cannot be pulled: "
    must_be_undone(healthy, kubectl, traffic, overlay, why, is_whole=False)


def test_a_failing_migration_is_undone(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, folder: Path
) -> None:
    job = "migrate-order-service-.*"
    command = ["python", "manage.py", "order_service", "migrate", "no_such_application"]
    once = {
        "target": {"kind": "Job", "name": job},
        "patch": [{"op": "replace", "path": "/spec/backoffLimit", "value": 0}],
    }
    fails = set_container("Job", job, "command", command)
    overlay = variation(healthy.overlay, folder, fails, once)
    must_be_undone(healthy, kubectl, traffic, overlay, "migrate-order-service-")


def test_a_wrong_setting_is_undone_and_named(
    healthy: Shop, kubectl: Kubectl, traffic: Traffic, folder: Path
) -> None:
    """The new pod says in its last words what is wrong with its environment."""
    wrong = set_container(
        "Deployment", "order-service", "env/-", {"name": "TAX_RATE", "value": "?"}
    )
    overlay = variation(healthy.overlay, folder, wrong)
    must_be_undone(healthy, kubectl, traffic, overlay, "order-service: crashes again and again")
