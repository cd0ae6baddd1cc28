"""The files of monitoring/ as the tests read them, and the names that a PromQL expression holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
PROMETHEUS = MONITORING / "prometheus"
DASHBOARDS = MONITORING / "grafana" / "dashboards"
RUNBOOKS = MONITORING / "runbooks"
ALERTMANAGER = MONITORING / "alertmanager" / "alertmanager.yml"

WORDS = {"and", "or", "unless", "offset", "bool"}
TEXT = re.compile(r'"[^"]*"')
SELECTOR = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
DURATION = re.compile(r"\boffset\s+\w+")
NAME = re.compile(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)(?!\s*\()\b")


@dataclass(frozen=True)
class Query:
    """One expression of a panel."""

    dashboard: str
    panel: str
    expr: str


def rules() -> Iterator[dict[str, Any]]:
    for file in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.load(file.read_text(), yaml.CSafeLoader)["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def recorded() -> dict[str, str]:
    """Name and expression of what is recorded."""
    return {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}


def dashboards() -> dict[str, dict[str, Any]]:
    return {file.name: json.loads(file.read_text()) for file in sorted(DASHBOARDS.glob("*.json"))}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every panel that shows something, with its dashboard's title."""
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            if panel["type"] != "row":
                yield dashboard["title"], panel


def queries() -> Iterator[Query]:
    for title, panel in panels():
        for target in panel.get("targets", ()):
            yield Query(title, panel["title"], target["expr"])


def marks() -> Iterator[Query]:
    """Expressions behind the vertical lines in every panel: alerts and deployments."""
    for dashboard in dashboards().values():
        for each in dashboard.get("annotations", {}).get("list", ()):
            yield Query(dashboard["title"], each["name"], each["expr"])


def filled_in(expr: str, *, interval: str = "1m", job: str = ".+") -> str:
    """The expression as Grafana would send it."""
    return expr.replace("$__rate_interval", interval).replace("$job", job)


def metric_names(expr: str) -> set[str]:
    """Names of the series that an expression reads."""
    for pattern in (TEXT, SELECTOR, LABELS, DURATION):
        expr = pattern.sub(" ", expr)
    return set(NAME.findall(expr)) - WORDS
