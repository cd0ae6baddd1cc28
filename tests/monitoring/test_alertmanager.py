"""Alertmanager's file: it loads, and sends each severity where it belongs."""

from __future__ import annotations

import pytest
import yaml

from tests.monitoring.conftest import Check
from tests.monitoring.files import ALERTMANAGER, alerts

ROUTES = {"critical": "pager", "warning": "chat", "none": "dead-man"}


def test_the_file_loads(amtool: Check) -> None:
    assert "3 receivers" in amtool("check-config", ALERTMANAGER)


@pytest.mark.parametrize(("severity", "receiver"), ROUTES.items())
def test_each_severity_has_its_receiver(amtool: Check, severity: str, receiver: str) -> None:
    asked = (f"--config.file={ALERTMANAGER}", f"severity={severity}", "job=storefront")
    assert amtool("config", "routes", "test", *asked).split() == [receiver]


def test_every_severity_in_use_is_routed() -> None:
    assert {rule["labels"]["severity"] for rule in alerts().values()} == ROUTES.keys()


def test_addresses_come_from_files_and_stand_nowhere_else() -> None:
    content = yaml.safe_load(ALERTMANAGER.read_text())
    files = {
        receiver["name"]: config["api_url_file"]
        for receiver in content["receivers"]
        for config in receiver["slack_configs"]
    }
    assert files == {name: f"receivers/{name}" for name in ROUTES.values()}
    assert "://" not in ALERTMANAGER.read_text()
