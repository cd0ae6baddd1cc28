"""Every edge of the call graph is open in the cluster, and what is forbidden is refused.

Each forbidden connection has a twin from elsewhere to the same port that is allowed: a port at
which nobody listens would prove nothing. Sources are the shop's own pods where these have Python,
and otherwise pods that only bear their labels and never become ready, so nothing is sent to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, Pod
from tests.deploy.call_graph import EDGES, FORBIDDEN, METERED

WITH_PYTHON = {*METERED, "sandbox"}
CONNECT = """
import json, socket, sys
def passes(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return True
    except OSError:
        return False
print(json.dumps([passes(host, port) for host, port in json.loads(sys.argv[1])]))
"""
COMPONENTS = {"prometheus": "monitoring", "alertmanager": "monitoring", "grafana": "monitoring"}


class Sources:
    """From where connections are tried."""

    def __init__(self, kubectl: Kubectl, monitoring: Kubectl) -> None:
        self._shop, self._monitoring = kubectl, monitoring
        self._stand_ins: set[str] = set()
        pods = (*kubectl.pods(), *monitoring.pods())
        self._pods: dict[str, Pod] = {pod.app: pod for pod in pods if pod.is_ready}

    def has(self, app: str) -> bool:
        return app in self._pods

    def passes(self, source: str, *targets: tuple[str, int]) -> list[bool]:
        """Whether a connection from `source` to each target's pod is made."""
        addresses = [(self._pods[app].address, port) for app, port in targets]
        command = ("python", "-c", CONNECT, json.dumps(addresses))
        return list(json.loads(self._home_of(source).exec(self._pod_of(source), *command)))

    def _home_of(self, source: str) -> Kubectl:
        return self._monitoring if source in COMPONENTS else self._shop

    def _pod_of(self, source: str) -> str:
        if source in WITH_PYTHON:
            return self._pods[source].name
        name = f"as-{source}"
        if name not in self._stand_ins:
            self._stand_ins.add(name)
            kubectl = self._home_of(source)
            kubectl("create", "--filename", "-", sent=json.dumps(stand_in(name, source)))
            jsonpath = "jsonpath={.status.phase}=Running"
            kubectl("wait", f"pod/{name}", f"--for={jsonpath}", "--timeout=60s", seconds=70)
        return name

    def delete(self) -> None:
        if self._stand_ins:
            for kubectl in (self._shop, self._monitoring):
                kubectl("delete", "pod", *self._stand_ins, "--ignore-not-found")


def stand_in(name: str, source: str) -> dict[str, object]:
    """A pod with the labels of a source that never becomes ready, so no Service sends to it."""
    labels = {"app.kubernetes.io/name": source, "app.kubernetes.io/component": "stand-in"}
    labels |= {"app.kubernetes.io/component": COMPONENTS[source]} if source in COMPONENTS else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "app",
                    "image": "techcommerce/order-service:local",
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python", "-c", "import signal; signal.pause()"],
                    "readinessProbe": {"exec": {"command": ["false"]}},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


@pytest.fixture(scope="module")
def sources(shop: Shop, kubectl: Kubectl, monitoring: Kubectl) -> Iterator[Sources]:
    kubectl.wait_until_all_ready()
    monitoring.wait_until_all_ready()
    found = Sources(kubectl, monitoring)
    yield found
    found.delete()


def edges() -> dict[str, list[tuple[str, int]]]:
    """Destinations by source."""
    found: dict[str, list[tuple[str, int]]] = {}
    for source, destination, port in sorted(EDGES["local"]):
        found.setdefault(source, []).append((destination, port))
    return found


@pytest.mark.parametrize("source", edges())
def test_every_edge_of_the_call_graph_is_open(sources: Sources, source: str) -> None:
    targets = [each for each in edges()[source] if sources.has(each[0])]
    assert targets
    closed = [
        target
        for target, passes in zip(targets, sources.passes(source, *targets), strict=True)
        if not passes
    ]
    assert closed == []


@pytest.mark.parametrize(("source", "destination", "port", "twin"), FORBIDDEN)
def test_what_is_forbidden_is_refused(
    sources: Sources, source: str, destination: str, port: int, twin: str
) -> None:
    assert sources.passes(source, (destination, port)) == [False]
    assert sources.passes(twin, (destination, port)) == [True]


def test_metrics_are_out_of_the_shops_own_reach(sources: Sources) -> None:
    for app in METERED:
        assert sources.passes("stranger", (app, 9100)) == [False], app
        assert sources.passes("prometheus", (app, 9100)) == [True], app
