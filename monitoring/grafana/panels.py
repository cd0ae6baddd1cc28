"""What a dashboard is made of: panels of a few kinds, and the queries behind them.

A panel says what bad looks like in its description and names the alerts that watch the same thing;
each of those becomes a link to its runbook. `layout` makes Grafana's JSON of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

Json = dict[str, Any]

SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}


class Query(NamedTuple):
    """An expression and how its series are called; `{{job}}` stands for a label."""

    expr: str
    legend: str = ""


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


class Row:
    """Panels side by side, of the same width; `height` in Grafana's units of about 30 pixels."""

    def __init__(self, title: str, *panels: Panel, height: int = 8) -> None:
        self.title, self.panels, self.height = title, panels, height


@dataclass(frozen=True)
class Dashboard:
    """Rows from top to bottom. With `by_job` a reader chooses the services that are shown."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    by_job: bool = False


def _panel(kind: str, title: str, description: str, *queries: Query, **more: Any) -> Panel:
    return Panel(kind, title, description, queries, **more)


lines = partial(_panel, "timeseries")  # values over time
figure = partial(_panel, "stat")  # one large number with its recent course
ranking = partial(_panel, "bargauge")  # the largest values now, as bars
heatmap = partial(_panel, "heatmap")  # how often which value was measured, from a histogram
