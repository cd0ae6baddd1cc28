"""Grafana's JSON of a dashboard (schema version 41, which Grafana 11 and 12 read)."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence

from monitoring.grafana.panels import SOURCE, Dashboard, Json, Panel, Query, Row

SCHEMA_VERSION = 41
COLUMNS = 24
RUNBOOKS = "techcommerce-runbooks"
GREEN, YELLOW, RED = "green", "yellow", "red"
KEPT = "lastNotNull"  # what a panel with one figure shows of a range


def as_json(dashboard: Dashboard, alert_numbers: Sequence[str]) -> Json:
    """A whole dashboard. `alert_numbers` are all alerts in the order of the runbook panels."""
    return {
        **frame(dashboard.uid, dashboard.title, dashboard.description),
        "annotations": {"list": [_alerts_firing(), _deployments()]},
        "templating": {"list": [_datasource(), *dashboard.variables]},
        "panels": list(_laid_out(dashboard.rows, alert_numbers)),
    }


def frame(uid: str, title: str, description: str) -> Json:
    """What every dashboard has in common."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["techcommerce"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # the cross-hair moves in all panels at once
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [_other_dashboards()],
    }


def runbook_address(alert: str, alert_numbers: Sequence[str]) -> str:
    number = alert_numbers.index(alert) + 1
    return f"/d/{RUNBOOKS}?viewPanel={number}"


def _laid_out(rows: Sequence[Row], alert_numbers: Sequence[str]) -> Iterator[Json]:
    number, top = itertools.count(1), 0
    for row in rows:
        yield _title(next(number), row.title, top)
        top += 1
        edges = [COLUMNS * at // len(row.panels) for at in range(len(row.panels) + 1)]
        for panel, (left, right) in zip(row.panels, itertools.pairwise(edges), strict=True):
            place = {"x": left, "y": top, "w": right - left, "h": row.height}
            yield _panel(next(number), panel, place, alert_numbers)
        top += row.height


def _title(number: int, title: str, top: int) -> Json:
    place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
    return {
        "id": number,
        "type": "row",
        "title": title,
        "collapsed": False,
        "gridPos": place,
        "panels": [],
    }


def _panel(number: int, panel: Panel, place: Json, alert_numbers: Sequence[str]) -> Json:
    links = [
        {"title": f"Runbook: {alert}", "url": runbook_address(alert, alert_numbers)}
        for alert in panel.alerts
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "links": links,
        "targets": [
            _target(letter, query)
            for letter, query in zip(string.ascii_uppercase, panel.queries, strict=False)
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": OPTIONS[panel.kind],
    }


def _target(letter: str, query: Query) -> Json:
    return {
        "refId": letter,
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "format": query.format,
        "instant": query.is_instant,
        "range": not query.is_instant,
    }


def _defaults(panel: Panel) -> Json:
    colours = (GREEN, YELLOW, RED) if len(panel.levels) > 1 else (GREEN, RED)
    steps = zip(colours, (None, *panel.levels), strict=False)
    has_series = panel.kind == "timeseries"
    return {
        "unit": panel.unit,
        "min": 0,
        **({} if panel.most is None else {"max": panel.most}),
        "color": {"mode": "palette-classic" if has_series else "thresholds"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": colour, "value": value} for colour, value in steps],
        },
        "custom": _drawing(panel) if has_series else {},
    }


def _drawing(panel: Panel) -> Json:
    return {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 30 if panel.is_stacked else 8,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if panel.is_stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if panel.levels else "off"},
    }


OPTIONS: dict[str, Json] = {
    "timeseries": {
        "legend": {
            "displayMode": "table",
            "placement": "bottom",
            "showLegend": True,
            "calcs": [KEPT, "max"],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": {"calcs": [KEPT], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "textMode": "auto",
    },
    "bargauge": {
        "reduceOptions": {"calcs": [KEPT], "fields": "", "values": False},
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "text",
        "showUnfilled": True,
    },
    "heatmap": {
        "calculate": False,
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5},
        "yAxis": {"unit": "s", "axisPlacement": "left"},
        "cellGap": 1,
        "legend": {"show": True},
        "tooltip": {"mode": "single", "yHistogram": False},
    },
}


def _datasource() -> Json:
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "Prometheus",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prometheus"},
    }


def _alerts_firing() -> Json:
    return {
        "name": "Alerts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing",severity=~"critical|warning"}',
        "titleFormat": "{{alertname}}",
        "tagKeys": "severity,job",
        "step": "60s",
    }


def _deployments() -> Json:
    known = "count by (job, revision) (techcommerce_build_info"
    return {
        "name": "Deployments",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "blue",
        "expr": f"{known}) unless {known} offset 5m)",
        "titleFormat": "{{job}} {{revision}}",
        "step": "60s",
    }


def _other_dashboards() -> Json:
    return {
        "type": "dashboards",
        "title": "TechCommerce",
        "tags": ["techcommerce"],
        "asDropdown": False,
        "includeVars": False,
        "keepTime": True,
    }
