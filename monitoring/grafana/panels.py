"""What a dashboard is made of: panels of a few kinds, and the queries behind them.

A panel says what bad looks like in its description and names the alerts that watch the same thing;
each of those becomes a link to its runbook. `layout` makes Grafana's JSON of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Query:
    """An expression and how its series are called; `{{job}}` stands for a label."""

    expr: str
    legend: str = ""
    is_instant: bool = False
    format: str = "time_series"


@dataclass(frozen=True)
class Panel:
    """One panel. `levels` are the values where a figure turns yellow and then red."""

    kind: str
    title: str
    description: str
    queries: tuple[Query, ...]
    unit: str = "short"
    levels: tuple[float, ...] = ()
    alerts: tuple[str, ...] = ()
    is_stacked: bool = False
    most: float | None = None  # the top of the axis


@dataclass(frozen=True)
class Row:
    """Panels side by side, of the same width."""

    title: str
    panels: tuple[Panel, ...]
    height: int


@dataclass(frozen=True)
class Dashboard:
    """Rows from top to bottom, and the variables that a reader may choose."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Json, ...] = ()


def lines(title: str, description: str, *queries: Query, **more: Any) -> Panel:
    """Values over time."""
    return Panel("timeseries", title, description, queries, **more)


def figure(title: str, description: str, query: Query, **more: Any) -> Panel:
    """One large number with its recent course."""
    return Panel("stat", title, description, (query,), **more)


def ranking(title: str, description: str, query: Query, **more: Any) -> Panel:
    """The largest values now, as bars."""
    return Panel("bargauge", title, description, (query,), **more)


def heatmap(title: str, description: str, query: Query, **more: Any) -> Panel:
    """How often which value was measured, from the buckets of a histogram."""
    return Panel("heatmap", title, description, (query,), **more)


def row(title: str, *panels: Panel, height: int = 8) -> Row:
    """`height` in Grafana's units of about 30 pixels."""
    return Row(title, panels, height)


def label_values(name: str, label: str, metric: str, title: str) -> Json:
    """A variable whose choices are the values of a label; several or all may be chosen."""
    query = f"label_values({metric}, {label})"
    return {
        "type": "query",
        "name": name,
        "label": title,
        "datasource": SOURCE,
        "definition": query,
        "query": {
            "qryType": 1,
            "query": query,
            "refId": "PrometheusVariableQueryEditor-VariableQuery",
        },
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    }
