"""The cluster's databases go back to one instant, and what the bank did since is listed."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import UTC, datetime

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.delivery import ROOT
from tests.cluster.kubectl import NAMESPACE, Kubectl, wait_until
from tests.cluster.traffic import Traffic

SCRIPTS = ROOT / "deploy" / "scripts"
LONGEST_SECONDS = 900.0


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kubectl = os.environ.get("KUBECTL", "kubectl").split()
    context = subprocess.run(
        [*kubectl, "config", "current-context"], capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        [
            *("bash", str(SCRIPTS / script), "--context", context.stdout.strip()),
            *("--namespace", NAMESPACE, *arguments),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    print("\n    " + "\n    ".join(done.stdout.splitlines()))
    return done


def buy(traffic: Traffic, seconds: float) -> list[str]:
    with traffic:
        time.sleep(seconds)
    return traffic.orders


def test_the_shop_is_restored_to_an_instant(healthy: Shop, kubectl: Kubectl) -> None:
    before = buy(Traffic(healthy.url), 10)
    assert run("backup.sh").returncode == 0
    before += buy(Traffic(healthy.url), 10)
    books.must_agree(kubectl, before)
    instant = datetime.now(UTC)
    after = buy(Traffic(healthy.url), 15)
    books.must_agree(kubectl, after)
    time.sleep(60)  # archive_timeout is 45 s; what is archived by then is all of it

    assert run("restore.sh", "check", "2020-01-01T00:00:00Z").returncode == 2
    assert run("restore.sh", "check", instant.isoformat()).returncode == 0
    kubectl.wait_until_all_ready()
    began = time.monotonic()
    done = run("restore.sh", instant.isoformat())
    assert done.returncode == 0
    kubectl.wait_until_all_ready()
    print(f"\n    RTO: all pods ready {time.monotonic() - began:.0f} s after the restore began")

    assert set(books.states(kubectl, before).values()) <= books.DECIDED
    assert set(books.states(kubectl, after).values()) == {("lost", "")}
    wait_until(lambda: set(after) <= books.drifts(kubectl), "each later order is a drift", 180)
    differing = books.audit(kubectl)
    assert all(any(number in line for number in after) for line in differing), differing
    assert run("restore.sh", "list").returncode == 0
    assert run("backup.sh").returncode == 0
    books.must_be_decided(kubectl, buy(Traffic(healthy.url), 10))
