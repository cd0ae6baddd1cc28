"""Questions to the cluster's own Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.cluster.kubectl import Kubectl


class Prometheus:
    """The HTTP API of a Prometheus."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The vector of an instant query."""
        return list(self._get("query", query=expression)["result"])

    def value(self, expression: str) -> float | None:
        """The one sample of an expression; None without one."""
        found = self.query(expression)
        assert len(found) <= 1, f"{expression} has {len(found)} series"
        return float(found[0]["value"][1]) if found else None

    def firing(self) -> set[str]:
        alerts = self._get("alerts")["alerts"]
        return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"}

    def _get(self, path: str, **parameters: str) -> Any:
        answer = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=30)
        body = answer.json()
        assert body["status"] == "success", body
        return body["data"]


@contextmanager
def prometheus(monitoring: Kubectl) -> Iterator[Prometheus]:
    """Of the namespace that is given."""
    with monitoring.forward("deployment/prometheus", 9090) as port:
        yield Prometheus(f"http://127.0.0.1:{port}")
