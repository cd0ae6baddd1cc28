"""Writes the dashboards' JSON: `.venv/bin/python -m monitoring.grafana.build`.

A third dashboard shows the runbooks, one panel an alert, so that every link to one works inside
Grafana, whatever else is down.
"""

from __future__ import annotations

import json
from pathlib import Path

from monitoring.grafana.layout import COLUMNS, RUNBOOKS, as_json, frame
from monitoring.grafana.panels import Json
from monitoring.grafana.queue_and_workers import QUEUE_AND_WORKERS
from monitoring.grafana.service_health import SERVICES

FOLDER = Path(__file__).parent / "dashboards"
PAGES = Path(__file__).parents[1] / "runbooks"
HEIGHT = 14  # of a page


def main() -> None:
    for name, content in written().items():
        (FOLDER / name).write_text(content)


def written() -> dict[str, str]:
    """File name and content of every dashboard."""
    alerts = tuple(sorted(page.stem for page in PAGES.glob("*.md")))
    dashboards = {
        "services.json": as_json(SERVICES, alerts),
        "queue-and-workers.json": as_json(QUEUE_AND_WORKERS, alerts),
        "runbooks.json": runbooks(alerts),
    }
    return {name: json.dumps(each, indent=1) + "\n" for name, each in dashboards.items()}


def runbooks(alerts: tuple[str, ...]) -> Json:
    """The pages as they are, two side by side; the number of a panel is the alert's place."""
    width = COLUMNS // 2
    pages: list[Json] = [
        {
            "id": number + 1,
            "type": "text",
            "title": alert,
            "description": f"What to do when {alert} fires.",
            "gridPos": {
                "x": number % 2 * width,
                "y": number // 2 * HEIGHT,
                "w": width,
                "h": HEIGHT,
            },
            "options": {"mode": "markdown", "content": (PAGES / f"{alert}.md").read_text()},
        }
        for number, alert in enumerate(alerts)
    ]
    return frame(RUNBOOKS, "Runbooks", "What to do when an alert fires.") | {"panels": pages}


if __name__ == "__main__":
    main()
