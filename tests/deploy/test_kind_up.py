"""kind-up.sh over programs that only write down how they were called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import ROOT, overlay, workloads

DIARY = """#!/bin/bash
echo "${0##*/} $*" >>"$DIARY"
case "${0##*/} $*" in
    "kind get clusters") [[ ! -e $DIARY.cluster ]] || echo techcommerce ;;
    *" create --namespace "*) [[ ! -e $DIARY.refused ]] || { cat "$DIARY.refused" >&2; exit 1; } ;;
    *"get statefulset postgres") [[ -e $DIARY.cluster ]] ;;
    *"get deployment metrics-server "*)
        [[ -e $DIARY.cluster ]] || exit 1
        [[ -e $DIARY.half_done ]] || echo '["--kubelet-insecure-tls"]' ;;
    *"get deployments "*)
        [[ ! -e $DIARY.cluster ]] || printf 'deployment.apps/%s\n' storefront sandbox ;;
    "kind create cluster "*) cat >"$DIARY.config" ;;
    "docker info") [[ ! -e $DIARY.no_docker ]] ;;
esac
"""
METRICS_ARE_THERE = "kubectl -n kube-system rollout status deployment/metrics-server --timeout 180s"
CREATE_SECRETS = "kubectl create --namespace techcommerce -f deploy/secrets/kubernetes.json"
WATCHING = "kubectl create --namespace monitoring -f deploy/secrets/monitoring.json"
RESTART = "kubectl --namespace techcommerce rollout restart"
IMAGES = [
    f"techcommerce/{name}:local"
    for name in ("storefront", "product-service", "order-service", "sandbox")
]


class Machine:
    """A copy of the scripts, and programs that obey and do nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary"
        scripts = folder / "deploy" / "scripts"
        shutil.copytree(ROOT / "deploy" / "scripts", scripts)
        programs = folder / "bin"
        programs.mkdir()
        for file in (*(programs / name for name in ("docker", "kind", "kubectl", "python")),):
            self._write(file)
        for name in ("deploy.sh", "database-roles.sh"):
            self._write(scripts / name)
        (folder / "deploy" / "secrets").mkdir()
        (folder / "deploy" / "secrets" / "GRAFANA_PASSWORD").write_text("guess-me")

    def _write(self, file: Path) -> None:
        file.write_text(DIARY)
        file.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        variables = {**os.environ, "PATH": path, "DIARY": str(self.diary), "PYTHON": "python"}
        command = ["bash", str(self.folder / "deploy" / "scripts" / "kind-up.sh"), *arguments]
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=30)

    def calls(self) -> list[str]:
        """Without the folder and the context, which every call names."""
        text = self.diary.read_text().replace(f"{self.folder}/", "")
        return text.replace("--context kind-techcommerce ", "").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_from_docker_to_the_shop(machine: Machine) -> None:
    done = machine.run()
    assert (done.returncode, done.stderr) == (0, "")
    calls = machine.calls()
    started = [line for line in calls if line.startswith(("kind", "python", "deploy.sh"))]
    assert started == [
        "kind get clusters",
        "kind create cluster --name techcommerce --wait 120s --config -",
        f"kind load docker-image --name techcommerce {' '.join(IMAGES)}",
        "python -m deploy.local secrets",
        "deploy.sh local --yes",
    ]
    assert not any(line.startswith("database-roles.sh") for line in calls)
    built = [line for line in calls if line.startswith("docker build")]
    assert [line.split("--tag ")[1].split()[0] for line in built] == IMAGES
    assert "--build-arg SERVICE=product_service" in built[1]
    assert "--target sandbox" in built[3]
    assert {CREATE_SECRETS, WATCHING} <= set(calls)
    assert {f"kubectl create namespace {name}" for name in ("techcommerce", "monitoring")} <= set(
        calls
    )
    assert any(line.startswith("kubectl apply -f https://") for line in calls)
    assert not any("rollout restart" in line for line in calls)
    assert "Shop     http://localhost:30000" in done.stdout
    assert "admin / guess-me" in done.stdout
    config = Path(f"{machine.diary}.config").read_text()
    assert "{containerPort: 30000, hostPort: 30000, listenAddress: 127.0.0.1}" in config


def test_a_second_run_keeps_what_is_there(machine: Machine) -> None:
    Path(f"{machine.diary}.cluster").touch()
    there = 'Error from server (AlreadyExists): secrets "storefront" already exists'
    Path(f"{machine.diary}.refused").write_text(f"secret/storefront-owner created\n{there}\n")
    done = machine.run()
    assert (done.returncode, done.stderr) == (0, "")
    calls = machine.calls()
    assert not any("create cluster" in line or "https://" in line for line in calls)
    assert METRICS_ARE_THERE in calls
    assert calls[-1] == "deploy.sh local --yes"


def test_a_database_that_is_there_gets_its_owners_before_anything_migrates(
    machine: Machine,
) -> None:
    Path(f"{machine.diary}.cluster").touch()
    assert machine.run().returncode == 0
    calls = machine.calls()
    parted = (
        "database-roles.sh deploy/secrets kubectl --namespace techcommerce"
        " exec -i statefulset/postgres -- psql --username postgres"
    )
    assert calls.index(CREATE_SECRETS) < calls.index(parted) < calls.index("deploy.sh local --yes")


def test_monitoring_of_before_goes_before_the_deploy_which_would_refuse_it(
    machine: Machine,
) -> None:
    assert machine.run().returncode == 0
    calls = machine.calls()
    (moved,) = (line for line in calls if " delete --ignore-not-found " in line)
    assert moved.startswith("kubectl --namespace techcommerce delete")
    assert moved.endswith(" prometheus alertmanager grafana")
    assert calls.index(WATCHING) < calls.index(moved) < calls.index("deploy.sh local --yes")


def test_secrets_that_cannot_be_made_end_it(machine: Machine) -> None:
    Path(f"{machine.diary}.refused").write_text("Error from server (Forbidden): no secrets\n")
    done = machine.run()
    assert (done.returncode, done.stderr) == (1, "Error from server (Forbidden): no secrets\n")
    assert "deploy.sh local --yes" not in machine.calls()


def test_pods_restart_on_what_was_loaded_before_the_deploy_waits_for_them(machine: Machine) -> None:
    Path(f"{machine.diary}.cluster").touch()
    assert machine.run().returncode == 0
    restart = f"{RESTART} deployment.apps/storefront deployment.apps/sandbox"
    calls = machine.calls()
    loaded = f"kind load docker-image --name techcommerce {' '.join(IMAGES)}"
    assert calls.index(loaded) < calls.index(restart) < calls.index("deploy.sh local --yes")


def test_pods_of_ours_are_those_that_restart() -> None:
    script = (ROOT / "deploy" / "scripts" / "kind-up.sh").read_text()
    (components,) = re.findall(r"^ours='app.kubernetes.io/component in \((.*)\)'$", script, re.M)
    deployments = [each for each in workloads(overlay("local")) if each.kind == "Deployment"]
    chosen = {each.name for each in deployments if each.component in components.split(", ")}
    assert chosen == {each.name for each in deployments if each.is_ours}


def test_a_metrics_server_that_was_left_half_done_is_completed(machine: Machine) -> None:
    for state in ("cluster", "half_done"):
        Path(f"{machine.diary}.{state}").touch()
    assert machine.run().returncode == 0
    calls = machine.calls()
    (patched,) = (line for line in calls if "patch deployment metrics-server" in line)
    assert calls.index(patched) < calls.index(METRICS_ARE_THERE)


def test_begins_anew_when_told(machine: Machine) -> None:
    assert machine.run("--recreate").returncode == 0
    assert machine.calls()[:2] == ["docker info", "kind delete cluster --name techcommerce"]


def test_says_that_docker_does_not_run(machine: Machine) -> None:
    Path(f"{machine.diary}.no_docker").touch()
    done = machine.run("--recreate")
    refused = "Refused: Docker does not run, or not for you: docker info says why\n"
    assert (done.returncode, done.stderr) == (2, refused)
    assert machine.calls() == ["docker info"]
