"""Grafana's JSON of a dashboard (schema version 41, which Grafana 11 and 12 read)."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence

from monitoring.grafana.expressions import RESPONSES
from monitoring.grafana.panels import SOURCE, Dashboard, Json, Panel, Row

COLUMNS = 24
TAGS = ["techcommerce"]  # of every dashboard; each links to the others
RUNBOOKS = "techcommerce-runbooks"
KEPT = "lastNotNull"  # what a panel with one figure shows of a range


def as_json(dashboard: Dashboard, alert_numbers: Sequence[str]) -> Json:
    """A whole dashboard. `alert_numbers` are all alerts in the order of the runbook panels."""
    return {
        **frame(dashboard.uid, dashboard.title, dashboard.description),
        "annotations": {"list": [ALERTS, DEPLOYMENTS]},
        "templating": {"list": [DATASOURCE, *([JOB] if dashboard.by_job else [])]},
        "panels": list(_laid_out(dashboard.rows, alert_numbers)),
    }


def frame(uid: str, title: str, description: str) -> Json:
    """What every dashboard has in common."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": TAGS,
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # the cross-hair moves in all panels at once
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [{"type": "dashboards", "title": "TechCommerce", "tags": TAGS, "keepTime": True}],
    }


def _laid_out(rows: Sequence[Row], alert_numbers: Sequence[str]) -> Iterator[Json]:
    number, top = itertools.count(1), 0
    for row in rows:
        place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        yield {
            "id": next(number),
            "type": "row",
            "title": row.title,
            "gridPos": place,
            "panels": [],
        }
        top += 1
        edges = [COLUMNS * at // len(row.panels) for at in range(len(row.panels) + 1)]
        for panel, (left, right) in zip(row.panels, itertools.pairwise(edges), strict=True):
            place = {"x": left, "y": top, "w": right - left, "h": row.height}
            yield _panel(next(number), panel, place, alert_numbers)
        top += row.height


def _panel(number: int, panel: Panel, place: Json, alert_numbers: Sequence[str]) -> Json:
    numbers = {alert: alert_numbers.index(alert) + 1 for alert in panel.alerts}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "links": [
            {"title": f"Runbook: {alert}", "url": f"/d/{RUNBOOKS}?viewPanel={each}"}
            for alert, each in numbers.items()
        ],
        "targets": [
            {
                "refId": letter,
                "datasource": SOURCE,
                "editorMode": "code",
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
                "format": "heatmap" if panel.kind == "heatmap" else "time_series",
                "instant": panel.kind == "bargauge",
                "range": panel.kind != "bargauge",
            }
            for letter, query in zip(string.ascii_uppercase, panel.queries, strict=False)
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": OPTIONS[panel.kind],
    }


def _defaults(panel: Panel) -> Json:
    colours = ("green", "yellow", "red") if len(panel.levels) > 1 else ("green", "red")
    steps = zip(colours, (None, *panel.levels), strict=False)
    has_series = panel.kind == "timeseries"
    drawing = {
        "fillOpacity": 30 if panel.is_stacked else 8,
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.is_stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if panel.levels else "off"},
    }
    return {
        "unit": panel.unit,
        "min": 0,
        **({} if panel.most is None else {"max": panel.most}),
        "color": {"mode": "palette-classic" if has_series else "thresholds"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": colour, "value": value} for colour, value in steps],
        },
        "custom": drawing if has_series else {},
    }


def _mark(name: str, colour: str, expr: str, title: str, **more: str) -> Json:
    """A vertical line in every panel whenever the expression has a value."""
    return {
        "name": name,
        "datasource": SOURCE,
        "enable": True,
        "iconColor": colour,
        "expr": expr,
        "titleFormat": title,
        "step": "60s",
        **more,
    }


# What is not said here is as Grafana has it by default.
LAST: Json = {"calcs": [KEPT], "fields": "", "values": False}
OPTIONS: dict[str, Json] = {
    "timeseries": {
        "legend": {"displayMode": "table", "showLegend": True, "calcs": [KEPT, "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": LAST},
    "bargauge": {
        "reduceOptions": LAST,
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "text",
    },
    "heatmap": {
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5},
        "yAxis": {"unit": "s"},
    },
}
DATASOURCE: Json = {
    "type": "datasource",
    "name": "datasource",
    "label": "Prometheus",
    "query": "prometheus",
    "current": {"text": "Prometheus", "value": "prometheus"},
}
JOB: Json = {
    "type": "query",
    "name": "job",
    "label": "Service",
    "datasource": SOURCE,
    "query": {
        "qryType": 1,
        "query": f"label_values({RESPONSES}, job)",
        "refId": "PrometheusVariableQueryEditor-VariableQuery",
    },
    "refresh": 2,  # whenever the time range changes
    "sort": 1,
    "multi": True,
    "includeAll": True,
    "current": {"text": ["All"], "value": ["$__all"]},
}
FIRING = 'ALERTS{alertstate="firing",severity=~"critical|warning"}'
ALERTS = _mark("Alerts", "red", FIRING, "{{alertname}}", tagKeys="severity,job")
KNOWN = "count by (job, revision) (techcommerce_build_info"
CHANGED = f"{KNOWN}) unless {KNOWN} offset 5m)"
DEPLOYMENTS = _mark("Deployments", "blue", CHANGED, "{{job}} {{revision}}")
