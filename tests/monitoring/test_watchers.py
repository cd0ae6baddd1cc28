"""Prometheus and Alertmanager as `make run MONITORING=1` starts them, on the checked-in files."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import monitoring
from deploy.local.failures import Expected
from deploy.local.folder import RunFolder
from deploy.local.ports import HOST, any_free
from deploy.local.program import Program, end_group, last_lines, spawn
from deploy.local.readiness import answers_http
from tests.monitoring.conftest import require
from tests.monitoring.files import ALERTMANAGER

NAMES = ("prometheus", "alertmanager", "mailbox", "smtp", "nobody")
# Prometheus sends an alert again after a minute, and the first time before it knows Alertmanager.
LONGEST_SECONDS = 150.0
ALERT = {
    "labels": {"alertname": "OrderQueueTooOld", "severity": "critical", "area": "queue"},
    "annotations": {"summary": "Order tasks are not picked up", "description": "For 2m."},
}
MILDER = {"labels": {"alertname": "QueueBacklogGrowing", "severity": "warning", "area": "queue"}}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, int]]:
    """The ports of the two, of a mailbox, and of a process that does not answer."""
    require("prometheus")
    require("alertmanager", "prometheus-alertmanager")
    folder = RunFolder(tmp_path_factory.mktemp("watched")).create()
    ports = dict(zip(NAMES, any_free(len(NAMES)), strict=True))
    programs = [
        _mailbox(ports, folder),
        *monitoring.programs(monitoring.find(), ports, folder),
    ]
    target = {"targets": [f"{HOST}:{ports['nobody']}"], "labels": {"job": "storefront"}}
    (folder.path / "monitoring" / "targets.json").write_text(json.dumps([target]))
    started = [spawn(each, folder.logs / f"{each.name}.log") for each in programs]
    try:
        for program in programs:
            _until(program.is_ready, partial(last_lines, folder.logs / f"{program.name}.log"))
        yield ports
    finally:
        for process in started:
            end_group(process.pid)
            process.wait()


def _mailbox(ports: Mapping[str, int], folder: RunFolder) -> Program:
    own = {"PORT": ports["mailbox"], "EMAIL_PORT": ports["smtp"], "MAIL_FOLDER": folder.mail}
    return Program(
        name="mailbox",
        argv=(sys.executable, "-m", "deploy.local.mailbox"),
        environment={**os.environ, **{name: str(value) for name, value in own.items()}},
        is_ready=answers_http(ports["mailbox"], "/health"),
        stage=0,
    )


def _until(holds: Callable[[], object], shown: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < deadline, shown()
        time.sleep(0.1)


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
        return json.loads(answer.read())


def test_prometheus_reads_targets_and_rules(ports: Mapping[str, int]) -> None:
    def known() -> dict[str, str]:
        found = get(ports["prometheus"], "/api/v1/targets")["data"]["activeTargets"]
        return {each["labels"]["job"]: each["health"] for each in found}

    _until(lambda: known() == {"storefront": "down", "alertmanager": "up"}, known)
    groups = get(ports["prometheus"], "/api/v1/rules")["data"]["groups"]
    assert {rule["name"] for group in groups for rule in group["rules"]} >= {"Watchdog"}


def test_the_watchdog_reaches_alertmanager(ports: Mapping[str, int]) -> None:
    def firing() -> set[str]:
        return {
            each["labels"]["alertname"] for each in get(ports["alertmanager"], "/api/v2/alerts")
        }

    _until(lambda: "Watchdog" in firing(), firing)


def test_the_link_of_an_alert_opens_its_runbook(ports: Mapping[str, int]) -> None:
    def watchdogs() -> list[Any]:
        found = get(ports["alertmanager"], "/api/v2/alerts")
        return [each for each in found if each["labels"]["alertname"] == "Watchdog"]

    _until(watchdogs, watchdogs)
    [alert] = watchdogs()
    assert "runbooks" not in alert["labels"]
    with urllib.request.urlopen(alert["annotations"]["runbook_url"], timeout=5) as answer:
        assert answer.read().startswith(b"# Watchdog\n")


def test_the_page_of_alerts_is_one_that_this_prometheus_has(ports: Mapping[str, int]) -> None:
    with urllib.request.urlopen(monitoring.alerts_page(ports["prometheus"]), timeout=5) as answer:
        assert answer.status == 200
        assert "html" in answer.headers["Content-Type"]


def test_an_alert_reaches_the_pager_and_silences_the_milder_one(ports: Mapping[str, int]) -> None:
    request = urllib.request.Request(
        f"http://{HOST}:{ports['alertmanager']}/api/v2/alerts",
        json.dumps([ALERT, MILDER]).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()

    def mails() -> list[tuple[str, str]]:
        found = get(ports["mailbox"], "/mails.json")
        return [(each["to"], each["subject"]) for each in found]

    _until(lambda: ("pager@example.org", "[firing] OrderQueueTooOld") in mails(), mails)
    found = get(ports["alertmanager"], "/api/v2/alerts")
    states = {each["labels"]["alertname"]: each["status"]["state"] for each in found}
    assert states["OrderQueueTooOld"] == "active"
    assert states["QueueBacklogGrowing"] == "suppressed"


def test_every_receiver_has_an_address() -> None:
    content = yaml.safe_load(ALERTMANAGER.read_text())
    assert {each["name"] for each in content["receivers"]} == monitoring.RECEIVERS.keys()


def test_what_is_missing_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Expected, match="Prometheus and Alertmanager not found") as failure:
        monitoring.find()
    assert failure.value.fix == "sudo apt-get install -y prometheus prometheus-alertmanager"
    (tmp_path / "prometheus").touch(mode=0o755)
    with pytest.raises(Expected, match=r"^Alertmanager not found"):
        monitoring.find()
