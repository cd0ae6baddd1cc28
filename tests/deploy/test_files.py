"""Dockerfile, scripts and compose file, each read by the tool that knows its language best."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.manifests import ROOT

BIN = Path(sys.executable).parent
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
).stdout.splitlines()
FOUND = TRACKED or [
    str(each.relative_to(ROOT))
    for folder in (".ci", "deploy", "tests")
    for each in (ROOT / folder).rglob("*")
]


def scripts() -> list[str]:
    def is_shell(path: Path) -> bool:
        if path.suffix == ".sh":
            return True
        return (
            not path.suffix and path.is_file() and path.read_bytes()[:20].startswith(b"#!/bin/bash")
        )

    return sorted(each for each in FOUND if is_shell(ROOT / each))


def run(*command: str) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing() -> None:
    assert "deploy/kubernetes/components/backup/backup.sh" in scripts()
    run("shellcheck", "--external-sources", *scripts())


def test_hadolint_finds_nothing() -> None:
    run("hadolint", "deploy/Dockerfile")


def test_the_build_sees_only_what_goes_into_an_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert "**/tests" in rules


@pytest.mark.parametrize("profile", ["", "monitoring"])
def test_compose_accepts_its_file(profile: str) -> None:
    chosen = ("--profile", profile) if profile else ()
    run("docker-compose", "--file", "deploy/compose.yaml", *chosen, "config", "--quiet")


def test_compose_runs_every_process_of_the_shop() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    shop = {name for name, each in services.items() if "profiles" not in each}
    assert shop >= {
        *("storefront", "product-service", "order-service", "order-worker", "order-dispatcher"),
        *("product-worker", "product-sweep", "storefront-sweep", "sandbox", "mail"),
        *("postgres", "redis-broker", "redis-cache"),
    }
    watching = {name for name, each in services.items() if each.get("profiles") == ["monitoring"]}
    assert watching == {"prometheus", "alertmanager", "grafana"}


def test_compose_opens_its_ports_on_this_machine_alone() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    ports = [port for each in services.values() for port in each.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_compose_tells_the_owner_of_the_tables_to_the_migrations_alone() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    holders = {
        (name, secret)
        for name, each in services.items()
        for secret in each.get("secrets", ())
        if isinstance(secret, str) and "_OWNER_" in secret
    }
    names = ("storefront", "product-service", "order-service")
    assert holders == {
        (f"migrate-{name}", f"{name.replace('-', '_').upper()}_OWNER_DATABASE_PASSWORD")
        for name in names
    }
    for name in names:
        shared = {each for each in services[f"migrate-{name}"]["secrets"] if "_OWNER_" not in each}
        assert shared == set(services[name]["secrets"])
