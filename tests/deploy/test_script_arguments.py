"""What each script says of itself, and that it refuses what it does not understand or lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import ROOT

FOLDER = ROOT / "deploy" / "scripts"
SCRIPTS = sorted(
    str(each.relative_to(FOLDER))
    for each in (*FOLDER.glob("*.sh"), *FOLDER.glob("ci/*.sh"))
    if each.stat().st_mode & 0o100
)
TOOLS = (  # all there is
    *("basename", "bash", "cat", "cmp", "dirname", "git"),
    *("grep", "mktemp", "paste", "rm", "sed"),
)
OTHERS = ("docker", "gh", "go", "kubectl", "psql", "trivy")  # whoever calls one touches something
TIME = "2026-07-31T02:17:00Z"


class Machine:
    """A copy of the scripts on a machine with few programs; `calls` are those of the others."""

    def __init__(self, folder: Path) -> None:
        self.root, self.calls, self.bin = folder / "shop", folder / "calls", folder / "bin"
        shutil.copytree(FOLDER, self.root / "deploy" / "scripts")
        for part in ("requirements", "deploy/kubernetes/overlays", "deploy/kubernetes/rendered"):
            shutil.copytree(ROOT / part, self.root / part)
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        for name in (*OTHERS, "python3"):
            (self.bin / name).write_text(f'#!/bin/sh\necho {name} "$@" >>"{self.calls}"\nexit 1\n')
            (self.bin / name).chmod(0o755)

    def run(
        self, script: str, *arguments: str, lacks: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        path = self.bin
        if lacks:
            path = self.bin.with_name("less")
            shutil.copytree(self.bin, path, symlinks=True)
            (path / lacks).unlink(missing_ok=True)
        return subprocess.run(
            [str(self.bin / "bash"), str(self.root / "deploy" / "scripts" / script), *arguments],
            env={"PATH": str(path), "HOME": str(self.root), **variables},
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def state(self) -> list[tuple[str, int]]:
        return sorted((str(each), each.stat().st_mtime_ns) for each in self.root.rglob("*"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture
def machine(whole: Machine) -> Machine:
    whole.calls.unlink(missing_ok=True)
    shutil.rmtree(whole.bin.with_name("less"), ignore_errors=True)
    return whole


def must_refuse(
    machine: Machine, script: str, *arguments: str, because: str, lacks: str = "", **given: str
) -> None:
    before = machine.state()
    done = machine.run(script, *arguments, lacks=lacks, **given)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Refused: ")
    assert because in sentence
    assert machine.state() == before
    assert not machine.calls.exists(), machine.calls.read_text()


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("asked", ["--help", "-h"])
def test_help_is_the_head_of_the_script_and_touches_nothing(
    machine: Machine, script: str, asked: str
) -> None:
    before = machine.state()
    done = machine.run(script, asked)
    assert (done.returncode, done.stderr) == (0, "")
    head, synopsis = done.stdout.splitlines()[:2], done.stdout.partition("\n\n")[2]
    assert len(head[0]) > 30
    assert Path(script).name in synopsis
    assert "set -" not in done.stdout
    assert "Exit code" in done.stdout or script == "ci/deploy-overlay.sh"  # that of deploy.sh
    assert machine.state() == before
    assert not machine.calls.exists()


def test_the_smoke_test_has_its_help() -> None:
    command = [sys.executable, str(FOLDER / "smoke.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--product" in done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_option_is_refused_in_one_sentence(machine: Machine, script: str) -> None:
    must_refuse(machine, script, "--bogus", because="--bogus")


@pytest.mark.parametrize(
    ("command", "because"),
    [
        ("restore.sh list extra", "one argument too many, extra"),
        (f"restore.sh {TIME} extra", "one argument too many, extra"),
        ("restore.sh check", "say the instant"),
        ("restore.sh", "say the instant"),
        ("restore.sh --context", "--context lacks its value"),
        ("backup.sh extra", "one argument too many, extra"),
        ("backup.sh --context", "--context lacks its value"),
        ("kind-up.sh extra", "one argument too many, extra"),
        ("one-server.sh extra", "one argument too many, extra"),
        ("database-roles.sh", "name the folder of the passwords"),
        ("database-roles.sh /nonexistent psql", "there is no folder /nonexistent: make secrets"),
        ("database-roles.sh deploy psql", "deploy has no STOREFRONT_OWNER_DATABASE_PASSWORD"),
        ("deploy.sh nope", "there is no overlay 'nope'; there are: "),
        ("ci/actionlint.sh bogus", "one argument too many, bogus"),
        ("ci/approved.sh", "name the environment"),
        ("ci/approved.sh production", "GITHUB_REPOSITORY is not set"),
        ("ci/audit.sh --ignore-vuln", "--ignore-vuln lacks its value"),
        ("ci/build.sh", "'' is no version"),
        ("ci/build.sh 1.4.0 --bogus", "there is no option --bogus"),
        ("ci/build.sh 1.4.0 1.5.0", "one argument too many, 1.5.0"),
        ("ci/checkov.sh nofile", "there is no file nofile"),
        ("ci/cluster-state.sh", "name the namespaces"),
        ("ci/commit-images.sh staging", "name the overlay, the version and the commit"),
        ("ci/commit-images.sh nope 1 HEAD", "'nope' is no overlay that is released"),
        ("ci/commit-images.sh staging 1 HEAD nofile", "there is no file nofile"),
        ("ci/commit-images.sh --take-back staging 1", "one argument too many, 1"),
        ("ci/deploy-overlay.sh", "name the overlay"),
        ("ci/expand-contract.sh", "say what serves now"),
        ("ci/gator.sh extra", "one argument too many, extra"),
        ("ci/hand-on.sh", "names no image: build.sh writes it"),
        ("ci/hand-on.sh extra", "one argument too many, extra"),
        ("ci/images.sh", "there is no overlay ''; local, staging and production are"),
        ("ci/registry-login.sh", "REGISTRY is not set"),
        ("ci/registry-login.sh --push extra", "one argument too many, extra"),
        ("ci/restore-drill.sh extra", "one argument too many, extra"),
        ("ci/sbom.sh extra", "one argument too many, extra"),
        ("ci/secrets.sh nope", "there is no commit nope here"),
        ("ci/served.sh nope", "there is no overlay nope that is released"),
        ("ci/served.sh staging extra", "one argument too many, extra"),
        ("ci/tools.sh nosuch", "there is no requirements/nosuch.txt"),
        ("ci/trivy.sh", "say what to scan, code or image"),
        ("ci/trivy.sh code extra", "one argument too many, extra"),
        ("ci/trivy.sh image", "name the images"),
        ("ci/version.sh extra", "one argument too many, extra"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(
    machine: Machine, command: str, because: str
) -> None:
    script, *arguments = command.split()
    must_refuse(machine, script, *arguments, because=because)


@pytest.mark.parametrize(
    ("command", "lacks"),
    [
        ("backup.sh", "python3"),
        ("backup.sh --context here", "kubectl"),
        (f"restore.sh {TIME}", "python3"),
        ("restore.sh --context here list", "kubectl"),
        ("deploy.sh local", "kubectl"),
        ("kind-up.sh --recreate", "kind"),
        ("ci/actionlint.sh", "go"),
        ("ci/audit.sh", "python3"),
        ("ci/build.sh 1.4.0", "docker"),
        ("ci/checkov.sh", "python3"),
        ("ci/cluster-state.sh techcommerce", "kubectl"),
        ("ci/commit-images.sh --take-back staging", "kubectl"),
        ("ci/deploy-overlay.sh staging", "kubectl"),
        ("ci/restore-drill.sh", "python3"),
        ("ci/sbom.sh", "python3"),
        ("ci/sign.sh", "cosign"),
        ("ci/tools.sh", "python3"),
        ("ci/trivy.sh code", "trivy"),
        ("ci/trivy.sh image shop:1", "trivy"),
        ("ci/version.sh", "git"),
    ],
)
def test_a_program_that_is_missing_is_named_with_what_to_do(
    machine: Machine, command: str, lacks: str
) -> None:
    script, *arguments = command.split()
    must_refuse(machine, script, *arguments, because=f"{lacks} is not installed: ", lacks=lacks)


def test_what_a_signature_needs_is_named(machine: Machine) -> None:
    cosign = {"COSIGN": "true"}
    must_refuse(machine, "ci/sign.sh", "nofile", because="there is no file nofile", **cosign)
    empty = str(machine.root / "requirements" / "empty.txt")
    Path(empty).touch()
    must_refuse(machine, "ci/sign.sh", empty, because="names no image to sign", **cosign)


def test_a_kubeconfig_without_a_cluster_is_told(machine: Machine) -> None:
    kubectl = machine.bin.with_name("empty")
    kubectl.write_text("#!/bin/sh\n")
    kubectl.chmod(0o755)
    given = {"KUBECTL": str(kubectl), "KUBE_CONTEXT": ""}
    because = "the kubeconfig names no cluster"
    must_refuse(machine, "deploy.sh", "local", because=because, **given)
    for script in ("backup.sh", "restore.sh"):
        arguments = () if script == "backup.sh" else (TIME,)
        must_refuse(machine, script, "--context", "nope", *arguments, because=because, **given)
