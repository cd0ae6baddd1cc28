"""Rules and alerts: they load, fire when they should and only then, and each has its runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import overlay, workload, workloads
from tests.monitoring.conftest import Check
from tests.monitoring.files import PROMETHEUS, ROOT, RUNBOOKS, alerts

TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
HEADINGS = ["What it means", "See", "Do", "Then"]
ALWAYS = {"Watchdog"}  # fires by design, so it has no moment at which it does not
CONSTANT = re.compile(r"absent|vector\(1\)|== [01]\b")  # an alert whose value says nothing
# What a runbook searches for besides the words of a log call: names of views, a state, an upstream,
# the status as it stands in JSON, and what Python itself says.
VALUES = {
    *("checkout", "checkout_place", "cancelling", "payment_provider"),
    *('"status": 5', "Traceback"),
}
SEVERITIES = {"critical", "warning", "none"}


def expectations() -> Iterator[tuple[str, bool]]:
    """Each alert that a test looks at, and whether it should fire then."""
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for each in test["promql_expr_test"]:
                [alert] = re.findall(r'alertname="(\w+)",alertstate="firing"', each["expr"])
                yield alert, bool(each["exp_samples"])


@pytest.mark.parametrize("name", ["local.yml", "cluster.yml"])
def test_the_configuration_loads_with_its_rules(promtool: Check, tmp_path: Path, name: str) -> None:
    """In a folder like the one that it is mounted or linked into."""
    (tmp_path / "prometheus.yml").symlink_to(PROMETHEUS / name)
    (tmp_path / "rules").symlink_to(PROMETHEUS / "rules")
    for targets in ("targets.json", "alertmanagers.json"):
        (tmp_path / targets).write_text("[]")
    shown = promtool("check", "config", tmp_path / "prometheus.yml")
    assert f"{len(list((PROMETHEUS / 'rules').glob('*.yml')))} rule files found" in shown


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.stem))
def test_alerts_fire_when_they_should(promtool: Check, file: Path) -> None:
    promtool("test", "rules", file)


def test_every_alert_is_seen_firing_and_not_firing() -> None:
    seen = set(expectations())
    assert {alert for alert, _ in seen} <= alerts().keys()
    assert {alert for alert in alerts() if (alert, True) not in seen} == set()
    assert {alert for alert in alerts() if (alert, False) not in seen} == ALWAYS


def test_every_alert_says_what_it_is_and_where_to_look() -> None:
    for name, rule in alerts().items():
        said: dict[str, Any] = rule["annotations"]
        assert rule["labels"]["severity"] in SEVERITIES, name
        assert rule["labels"]["area"], name
        assert said["summary"], name
        assert "$value" in said["description"] or CONSTANT.search(rule["expr"]), name
        assert said["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{name}.md"


@pytest.mark.parametrize("file", ["local.yml", "cluster.yml"])
def test_links_to_runbooks_are_whole_and_their_address_is_no_label_of_alerts(file: str) -> None:
    config = yaml.safe_load((PROMETHEUS / file).read_text())
    assert config["global"]["external_labels"] == {"runbooks": "${RUNBOOKS_URL}"}
    dropped = {"action": "labeldrop", "regex": "runbooks"}
    assert config["alerting"]["alert_relabel_configs"] == [dropped]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    pages = {page.stem: page.read_text() for page in RUNBOOKS.glob("*.md")}
    assert pages.keys() == alerts().keys()
    for name, text in pages.items():
        assert text.startswith(f"# {name}\n"), name
        parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
        assert parts[1::2] == HEADINGS, name
        assert all(part.strip() for part in parts[2::2]), name
        assert "# make run" in text, name
        assert "kubectl" in text, name
        for link in re.findall(r"\]\(([^)]+)\)", text):
            assert (RUNBOOKS / link).exists(), f"{name}: {link}"


def test_runbooks_read_the_log_of_every_pod() -> None:
    """`kubectl logs deploy/NAME` shows one pod of several, `-l` ten lines of each by default."""
    for page in RUNBOOKS.glob("*.md"):
        for line in re.findall(r"kubectl .*logs .*", page.read_text()):
            if owner := re.search(r"logs (?:deploy|statefulset)/(\S+)", line):
                assert workload(owner[1], of="local").spec["replicas"] == 1, page.name
            if label := re.search(r"logs -l app.kubernetes.io/name=(\S+)", line):
                assert label[1] in {"NAME", *(each.app for each in workloads(overlay("local")))}
                assert re.search(" --prefix .*--tail=", line), page.name


def test_runbooks_search_for_what_is_logged() -> None:
    searched = {
        words
        for page in RUNBOOKS.glob("*.md")
        for found in re.findall(r"logs .*\| grep '?([^'\n]+)", page.read_text())
        for words in found.split(r"\|")
    }
    assert "upstream unavailable" in searched
    code = "\n".join(file.read_text() for file in ROOT.glob("*/**/*.py") if is_ours(file))
    logged = " ".join(re.findall(r"\blog\.\w+\((.*?)\)\n", code, re.DOTALL))
    assert {words for words in searched - VALUES if words not in logged} == set()


def is_ours(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    services = ("chassis", "storefront", "product_service", "order_service")
    return parts[0] in services and "tests" not in parts


def test_ratios_are_guarded_against_little_traffic() -> None:
    """A share of errors means nothing for three requests, so such a rule counts as well."""
    ratios = {name: rule["expr"] for name, rule in alerts().items() if _is_ratio(rule["expr"])}
    assert len(ratios) > 10
    assert [name for name, expr in ratios.items() if " and " not in expr] == []


def _is_ratio(expr: str) -> bool:
    return bool(re.search(r":ratio_rate|\(increase\(.*/ |rate\([^)]*\)\)\s*/", expr, re.DOTALL))
