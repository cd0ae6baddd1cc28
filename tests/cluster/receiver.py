"""Somewhere for alerts to go: a pod that prints each message which Alertmanager sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cluster.kubectl import Kubectl

NAME = "alert-receiver"
PORT = 8000
SERVER = """
import http.server
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.rfile.read(int(self.headers["Content-Length"])).decode(), flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")
http.server.HTTPServer(("", 8000), Receiver).serve_forever()
"""
LABELS = {"app.kubernetes.io/name": NAME}
ALERTMANAGER = {"app.kubernetes.io/name": "alertmanager"}


def manifests() -> dict[str, Any]:
    """The pod, its Service, and the one edge that leads to it."""
    container = {
        "name": "receiver",
        "image": "techcommerce/order-service:local",
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", SERVER],
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {"tcpSocket": {"port": PORT}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    pod = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    service = {"selector": LABELS, "ports": [{"port": PORT}]}
    items = (_named("v1", "Pod", pod), _named("v1", "Service", service), _edge("Ingress"))
    return {"apiVersion": "v1", "kind": "List", "items": [*items, _edge("Egress")]}


def _named(version: str, kind: str, spec: dict[str, Any], name: str = NAME) -> dict[str, Any]:
    metadata = {"name": name, "labels": LABELS}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _edge(direction: str) -> dict[str, Any]:
    """One half of the way from Alertmanager."""
    is_ingress = direction == "Ingress"
    subject, peer = (LABELS, ALERTMANAGER) if is_ingress else (ALERTMANAGER, LABELS)
    side = "from" if is_ingress else "to"
    spec = {
        "podSelector": {"matchLabels": subject},
        "policyTypes": [direction],
        direction.lower(): [
            {side: [{"podSelector": {"matchLabels": peer}}], "ports": [{"port": PORT}]}
        ],
    }
    name = f"{NAME}-{direction.lower()}"
    return _named("networking.k8s.io/v1", "NetworkPolicy", spec, name)


@contextmanager
def receiver(kubectl: Kubectl) -> Iterator[Receiver]:
    """Alerts of this namespace go to it; afterwards Alertmanager has its own receivers again."""
    own = kubectl.get("secret/alertmanager")["data"]
    kubectl("create", "--filename", "-", sent=json.dumps(manifests()))
    try:
        kubectl("wait", "--for=condition=Ready", f"pod/{NAME}", "--timeout=60s", seconds=70)
        _point_alerts(kubectl, {"stringData": dict.fromkeys(own, f"http://{NAME}:{PORT}/")})
        yield Receiver(kubectl)
    finally:
        _point_alerts(kubectl, {"data": own})
        kubectl("delete", "--filename", "-", sent=json.dumps(manifests()))


def _point_alerts(kubectl: Kubectl, change: dict[str, Any]) -> None:
    kubectl("patch", "secret", "alertmanager", "--patch", json.dumps(change))
    kubectl("rollout", "restart", "deployment/alertmanager")
    kubectl.wait_for_rollout("deployment/alertmanager")


class Receiver:
    """What has arrived."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl

    def got(self, status: str, alert: str) -> bool:
        """Whether a message says that this alert is firing or resolved."""
        return f"[{status}] {alert}" in self._kubectl("logs", NAME)
