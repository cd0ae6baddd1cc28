"""Each service starts on exactly what its pod gives it: configuration, variables, Secret files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local import cluster_secrets, keys
from tests.deploy.manifests import (
    KUBERNETES,
    OVERLAYS,
    ROOT,
    Workload,
    named,
    overlay,
    workload,
    workloads,
)

MOUNT = "/run/secrets/shop"
WEB = ("storefront", "product-service", "order-service")
# What only production rents is handed over by people, not made up.
MANAGED = {"EMAIL_PASSWORD": "a-password"}
SECRET_WORDS = ("PASSWORD", "SECRET", "_KEY", "TOKEN")


def environment(pod: Workload, of: str, folder: Path) -> dict[str, str]:
    """The variables of the container, its Secret's files below `folder`."""
    values = cluster_secrets.complete(keys.generate()) | MANAGED
    held = (name for secret, _ in pod.secrets for name in cluster_secrets.SECRETS[secret])
    for name in (*held, *MANAGED):
        (folder / name).write_text(values[name])
    (source,) = pod.container["envFrom"]
    configuration = named(overlay(of), "ConfigMap")[source["configMapRef"]["name"]]["data"]
    variables = {**configuration, **pod.environment, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    moved = {name: value.replace(MOUNT, str(folder)) for name, value in variables.items()}
    return {"PATH": os.environ["PATH"], **moved}


def load(name: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    module = f"{name.replace('-', '_')}.settings"
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)


@pytest.mark.parametrize("of", ["local", "production"])
@pytest.mark.parametrize("name", WEB)
def test_settings_load_from_what_the_pod_gets(name: str, of: str, tmp_path: Path) -> None:
    done = load(name, environment(workload(name, of=of), of, tmp_path))
    assert done.returncode == 0, done.stderr


AS_OWNER = {"DATABASE_AS_OWNER": "1"}  # as manage.py says for a migration


@pytest.mark.parametrize("name", WEB)
def test_a_migration_has_the_password_of_the_owner(name: str, tmp_path: Path) -> None:
    jobs = (each for each in workloads(overlay("production")) if each.component == "migration")
    job = next(each for each in jobs if each.name.startswith(f"migrate-{name}-"))
    done = load(name, environment(job, "production", tmp_path) | AS_OWNER)
    assert done.returncode == 0, done.stderr


def test_a_web_pod_cannot_work_as_the_owner(tmp_path: Path) -> None:
    variables = environment(workload("storefront", of="local"), "local", tmp_path)
    refused = load("storefront", variables | AS_OWNER)
    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert "STOREFRONT_OWNER_DATABASE_PASSWORD_FILE cannot be read" in last


def test_a_missing_secret_is_named_in_the_last_line(tmp_path: Path) -> None:
    variables = environment(workload("order-service", of="local"), "local", tmp_path)
    (tmp_path / "ORDER_LINK_KEYS").unlink()
    (tmp_path / "PAYMENT_PROVIDER_KEY").write_text("")
    done = load("order-service", variables)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "ORDER_LINK_KEYS_FILE cannot be read" in last
    assert "PAYMENT_PROVIDER_KEY is missing" in last


@pytest.mark.parametrize("of", OVERLAYS)
def test_no_manifest_holds_a_secret(of: str) -> None:
    assert "Secret" not in {each["kind"] for each in overlay(of)}
    for name, each in named(overlay(of), "ConfigMap").items():
        for variable in each["data"]:
            is_secret = variable.isupper() and any(word in variable for word in SECRET_WORDS)
            assert not is_secret or variable.endswith("_FILE"), (name, variable)
    for pod in workloads(overlay(of)):
        for variable in pod.environment:
            is_secret = any(word in variable for word in SECRET_WORDS)
            assert not is_secret or variable.endswith("_FILE"), (pod.name, variable)


@pytest.mark.parametrize("of", ["staging", "production"])
def test_public_shops_answer_to_their_own_names_over_https(of: str) -> None:
    shop = configuration(of)
    assert shop["PUBLIC_URL"].startswith("https://")
    assert "*" not in shop["ALLOWED_HOSTS"]


@pytest.mark.parametrize("of", OVERLAYS)
def test_who_ends_tls_before_the_shop_is_known_to_stand_there(of: str) -> None:
    """Or every visitor would count as the one who guesses."""
    shop = configuration(of)
    ends_tls = shop["PUBLIC_URL"].startswith("https://")
    assert int(shop.get("TRUSTED_PROXY_COUNT", 0)) == ends_tls


@pytest.mark.parametrize("of", ["staging", "production"])
def test_the_admin_of_a_public_shop_answers_through_a_port_forward(of: str) -> None:
    assert {"localhost", "127.0.0.1"} < set(configuration(of)["ALLOWED_HOSTS"].split(","))


def configuration(of: str) -> Mapping[str, str]:
    shops = named(overlay(of), "ConfigMap").items()
    (shop,) = (each["data"] for name, each in shops if name.startswith("shop-"))
    return dict(shop)


def test_only_signers_hold_signing_keys() -> None:
    holders = {
        secret
        for secret, names in cluster_secrets.SECRETS.items()
        if any("SIGNING_KEY" in name for name in names)
    }
    assert holders == {"storefront", "order-service"}


def test_a_public_key_is_held_where_its_owner_may_call() -> None:
    held = {
        secret: {name for name in names if name.endswith("_PUBLIC_KEYS")}
        for secret, names in cluster_secrets.SECRETS.items()
    }
    assert {secret: names for secret, names in held.items() if names} == {
        "product-service": {"ORDER_SERVICE_PUBLIC_KEYS"},
        "order-service": {"STOREFRONT_PUBLIC_KEYS"},
    }


def test_every_key_of_a_secret_is_documented_for_those_who_bring_their_own() -> None:
    text = (KUBERNETES / "README.md").read_text()
    names = {name for keys_of in cluster_secrets.SECRETS.values() for name in keys_of}
    assert {name for name in names | cluster_secrets.SECRETS.keys() if name not in text} == set()


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    assert cluster_secrets.main([str(tmp_path / "secrets")]) == 0
    first = {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()}
    assert cluster_secrets.main([str(tmp_path / "secrets")]) == 0
    assert {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()} == first
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_the_namespaces_of_another_folder_are_left_to_whoever_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cluster_secrets.main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "--namespace NAMESPACE create" in shown
    assert "--namespace techcommerce " not in shown
