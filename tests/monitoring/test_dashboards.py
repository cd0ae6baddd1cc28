"""Dashboards: made from their source, whole, and every expression is PromQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from monitoring.grafana.build import written
from tests.monitoring.conftest import Check
from tests.monitoring.files import (
    DASHBOARDS,
    MONITORING,
    dashboards,
    filled_in,
    marks,
    panels,
    queries,
)
from tests.monitoring.panels import RIGHTLY_EMPTY

COLUMNS = 24
QUOTED = re.compile(r'"([A-Z][^"=`{}]+)"')
# What a runbook may quote besides a panel: buttons, a label of a metric, an alert.
OTHER_QUOTES = {"Pay", "Try the selected orders again", "Try the selected mails again"} | {
    *("IntegrityError", "NAME", "Watchdog")
}
MOST_BYTES = 900_000  # a ConfigMap takes a mebibyte


def test_the_checked_in_dashboards_are_what_the_source_makes() -> None:
    """Otherwise: .venv/bin/python -m monitoring.grafana.build"""
    assert {file.name: file.read_text() for file in DASHBOARDS.glob("*.json")} == written()


def test_they_fit_into_a_config_map() -> None:
    assert sum(file.stat().st_size for file in DASHBOARDS.glob("*.json")) < MOST_BYTES


def test_each_dashboard_has_an_identity_of_its_own() -> None:
    found = dashboards().values()
    assert len({each["uid"] for each in found}) == len(found)
    assert all(len(each["uid"]) <= 40 for each in found)
    assert all(each["schemaVersion"] == 41 for each in found)


def test_panels_are_numbered_and_do_not_overlap() -> None:
    for dashboard in dashboards().values():
        numbers = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(numbers)) == len(numbers)
        cells = [cell for panel in dashboard["panels"] for cell in _cells(panel["gridPos"])]
        assert len(set(cells)) == len(cells), dashboard["title"]
        assert max(x for x, _ in cells) < COLUMNS


def _cells(place: dict[str, int]) -> list[tuple[int, int]]:
    across = range(place["x"], place["x"] + place["w"])
    return [(x, y) for x in across for y in range(place["y"], place["y"] + place["h"])]


def test_panels_are_named_as_the_field_names_things() -> None:
    titles = {panel["title"] for _, panel in panels()}
    assert titles >= {
        "Queue depth",
        "Oldest task age",
        "Tasks enqueued and completed",
        "Tasks in flight",
        "Outbox lag",
        "SQL queries per request",
        "404s",
    }


def test_runbooks_name_panels_that_there_are() -> None:
    titles = {panel["title"].removesuffix(", p95") for _, panel in panels()}
    rows = {row["title"] for board in dashboards().values() for row in board["panels"]}
    texts = [page.read_text() for page in (MONITORING / "runbooks").glob("*.md")]
    quoted = {" ".join(each.split()) for text in texts for each in QUOTED.findall(text)}
    assert quoted - titles - rows - OTHER_QUOTES == set()


def test_every_panel_says_what_bad_looks_like() -> None:
    shown = [panel for _, panel in panels() if panel["type"] != "text"]
    assert len(shown) > 40
    assert [panel["title"] for panel in shown if "Bad:" not in panel["description"]] == []
    for panel in shown:
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references), panel["title"]


def test_thresholds_begin_with_the_lowest_value_of_all() -> None:
    """Grafana wants the first step without a value, and the others in their order."""
    for _, panel in panels():
        if panel["type"] == "text":
            continue
        first, *others = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert first == {"color": "green", "value": None}
        values = [step["value"] for step in others]
        assert values == sorted(values), panel["title"]


def test_links_lead_to_the_runbook_they_name() -> None:
    books = {panel["id"]: panel["title"] for panel in dashboards()["runbooks.json"]["panels"]}
    links = [link for _, panel in panels() for link in panel.get("links", ())]
    assert len(links) > 30
    for link in links:
        number = int(link["url"].removeprefix("/d/techcommerce-runbooks?viewPanel="))
        assert link["title"] == f"Runbook: {books[number]}"


def test_each_variable_that_is_used_is_there() -> None:
    for dashboard in dashboards().values():
        names = {each["name"] for each in dashboard.get("templating", {}).get("list", ())}
        used = {"job"} if "$job" in str(dashboard["panels"]) else set()
        assert used | {"datasource"} <= names or dashboard["uid"] == "techcommerce-runbooks"


def test_every_expression_parses(promtool: Check, tmp_path: Path) -> None:
    """promtool parses rules only, so each expression becomes one."""
    asked = [*queries(), *marks()]
    rules: list[dict[str, Any]] = [
        {"record": f"parsed:{number}", "expr": filled_in(query.expr)}
        for number, query in enumerate(asked)
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", file)


def test_panels_that_may_be_empty_exist() -> None:
    assert {(title, panel["title"]) for title, panel in panels()} >= RIGHTLY_EMPTY.keys()


def test_the_datasource_is_the_one_that_panels_choose_at_first() -> None:
    folder = MONITORING / "grafana" / "provisioning"
    [source] = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    for dashboard in dashboards().values():
        for variable in dashboard.get("templating", {}).get("list", ()):
            if variable["type"] == "datasource":
                assert variable["current"]["value"] == source["uid"]
                assert variable["query"] == source["type"]
