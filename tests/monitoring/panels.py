"""Asks a Prometheus for every panel and names those without a figure; exit code 1 when one is.

    make run MONITORING=1 and, in another terminal, make traffic; after five minutes:
    python -m tests.monitoring.panels --prometheus http://127.0.0.1:9090

Works on any Prometheus that watches the shop: the local one, or that of a cluster.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from monitoring.grafana.expressions import RESPONSES
from tests.monitoring.files import Query, filled_in, queries

TIMEOUT_SECONDS = 30
STEP_SECONDS = 15
# Panels that are empty while all is well, and what fills them.
RIGHTLY_EMPTY: Mapping[tuple[str, str], str] = {
    ("Services", "Failing views"): "an error of ours within the last hour",
    ("Services", "Database errors"): "a statement that fails",
}


class Prometheus:
    """The HTTP API of one server."""

    def __init__(self, url: str, *, interval: str, minutes: int) -> None:
        self._api = url.rstrip("/") + "/api/v1"
        self._interval = interval
        self._minutes = minutes
        self.jobs = self._jobs()

    def has_figures(self, query: Query) -> bool:
        """Whether the expression gives a number for any moment of the last minutes."""
        now = time.time()
        found = self._get(
            "query_range",
            query=filled_in(query.expr, interval=self._interval, job="|".join(self.jobs)),
            start=now - 60 * self._minutes,
            end=now,
            step=STEP_SECONDS,
        )
        values = (value for series in found["result"] for _, value in series["values"])
        return any(math.isfinite(float(value)) for value in values)

    def _jobs(self) -> list[str]:
        """What the dashboards offer to choose from."""
        return list(self._get("label/job/values", **{"match[]": RESPONSES}))

    def _get(self, path: str, **parameters: Any) -> Any:
        address = f"{self._api}/{path}"
        answer = requests.get(address, params=parameters, timeout=TIMEOUT_SECONDS)
        content = answer.json()
        if content["status"] != "success":
            raise RuntimeError(f"{parameters.get('query')}: {content['error']}")
        return content["data"]


@dataclass(frozen=True)
class Verdict:
    """The expressions without a figure: those that should have one, and those that need not."""

    empty: tuple[Query, ...]
    rightly_empty: tuple[Query, ...]


def judge(prometheus: Prometheus) -> Verdict:
    without = [query for query in queries() if not prometheus.has_figures(query)]
    excused = tuple(each for each in without if (each.dashboard, each.panel) in RIGHTLY_EMPTY)
    return Verdict(tuple(each for each in without if each not in excused), excused)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Panels without a figure.")
    parser.add_argument("--prometheus", required=True, help="its address")
    parser.add_argument("--minutes", type=int, default=5, help="how far back to look")
    parser.add_argument("--interval", default="1m", help="what $__rate_interval stands for")
    options = parser.parse_args(arguments)
    prometheus = Prometheus(options.prometheus, interval=options.interval, minutes=options.minutes)
    if not prometheus.jobs:
        print("No service was asked anything yet.")
        return 1
    verdict = judge(prometheus)
    for query in verdict.rightly_empty:
        reason = RIGHTLY_EMPTY[query.dashboard, query.panel]
        print(f"empty until {reason}: {query.dashboard} / {query.panel}")
    for query in verdict.empty:
        print(f"EMPTY: {query.dashboard} / {query.panel}\n    {query.expr}")
    print(f"{len(list(queries()))} expressions, {len(verdict.empty)} without a figure")
    return int(bool(verdict.empty))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
