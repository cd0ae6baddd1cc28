"""The workflows of GitHub Actions: valid, hardened, pinned, and running the plain commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
PINNED = re.compile(r"uses: ([\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\.github/[\w./-]+)$")
SCRIPT = re.compile(r"deploy/scripts/(?:ci/)?[\w-]+\.sh")
# May write; each with the one job that needs it.
RIGHTS = {
    ("release.yml", "build"): {"packages": "write", "id-token": "write"},
    ("release.yml", "staging"): {"id-token": "write"},
    ("release.yml", "production"): {"id-token": "write"},
    ("deploy.yml", "deploy"): {"id-token": "write"},
}
NOT_YET = {
    f"deploy/scripts/ci/{name}.sh"
    for name in ("checkov", "gator", "restore-drill", "expand-contract")
}
SECRET = re.compile(r"\bsecrets\.[A-Z]|secrets: inherit")


def content(workflow: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(workflow.read_text())
    return loaded


def steps(job: str) -> dict[str, dict[str, Any]]:
    """The steps of a job of ci.yml that run a command, by the command."""
    found = content(GITHUB / "workflows" / "ci.yml")["jobs"][job]["steps"]
    return {step["run"].strip(): step for step in found if "run" in step}


def commands() -> list[str]:
    """Each `run` of every workflow and action."""
    jobs = [job for each in WORKFLOWS for job in content(each)["jobs"].values()]
    lists = [job.get("steps", ()) for job in jobs] + [content(a)["runs"]["steps"] for a in ACTIONS]
    return [step["run"].strip() for steps in lists for step in steps if "run" in step]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", ACTIONS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_what_github_reads_follows_its_schema(schema: str, files: list[Path]) -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", schema]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    command = [str(BIN / "zizmor"), "--offline", "--pedantic", "--no-progress", str(GITHUB)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_finding_that_is_ignored_is_the_same_known_one() -> None:
    text = "".join(each.read_text() for each in (*WORKFLOWS, *ACTIONS))
    assert set(re.findall(r"zizmor: ignore\[([^]]*)\]", text)) == {"secrets-inherit"}


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.stem)
def test_every_action_is_pinned(file: Path) -> None:
    uses = [line.strip() for line in file.read_text().splitlines() if "uses: " in line]
    assert uses
    assert [line for line in uses if not PINNED.search(line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_ends_and_may_do_little(workflow: Path) -> None:
    loaded = content(workflow)
    assert loaded["permissions"] == {}
    for name, job in loaded["jobs"].items():
        assert "uses" in job or "timeout-minutes" in job, name
        written = {right: how for right, how in job["permissions"].items() if how != "read"}
        assert written == RIGHTS.get((workflow.name, name), {}), name


def test_who_scans_has_no_secret() -> None:
    for name in ("ci.yml", "scheduled.yml"):
        assert not SECRET.search((GITHUB / "workflows" / name).read_text()), name
    assert [each.name for each in WORKFLOWS if "trivy.sh" in each.read_text()] == [
        *("ci.yml", "scheduled.yml")
    ]


def test_a_credential_stays_only_where_a_commit_is_pushed() -> None:
    kept = {
        (workflow.name, name): step["with"]["persist-credentials"]
        for workflow in WORKFLOWS
        for name, job in content(workflow)["jobs"].items()
        for step in job.get("steps", ())
        if step.get("uses", "").startswith("actions/checkout@")
    }
    assert {job for job, is_kept in kept.items() if is_kept} == {("deploy.yml", "deploy")}


def test_each_step_is_one_command() -> None:
    assert [each for each in commands() if len(each.splitlines()) > 1 or "&&" in each] == []


def test_every_script_that_a_workflow_calls_is_there() -> None:
    called = {name for each in commands() for name in SCRIPT.findall(each)}
    assert "deploy/scripts/ci/deploy-overlay.sh" in called
    assert {name for name in called if not os.access(ROOT / name, os.X_OK)} <= NOT_YET


def test_a_release_is_tested_built_tried_approved_and_deployed_in_this_order() -> None:
    jobs = content(GITHUB / "workflows" / "release.yml")["jobs"]
    assert jobs["ci"]["uses"] == "$/.github/workflows/ci.yml"
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "ci": None,
        "build": "ci",
        "staging": "build",
        "production": ["build", "staging"],
    }
    assert jobs["production"]["with"]["proven"] == "${{ needs.staging.outputs.commit }}"


def test_what_a_release_commits_starts_no_release() -> None:
    push = content(GITHUB / "workflows" / "release.yml")[True]["push"]  # YAML's `on`
    assert push["paths-ignore"] == [
        "deploy/kubernetes/overlays/*/images/kustomization.yaml",
        "deploy/kubernetes/rendered/**",
    ]


def test_ci_runs_the_commands_of_a_developer() -> None:
    assert list(steps("test"))[-2:] == ["make test", "make test-slow"]
    assert list(steps("cluster"))[:2] == ["deploy/scripts/kind-up.sh", "make test-cluster"]


def test_ci_deploys_into_an_empty_namespace() -> None:
    assert steps("cluster")["make test-cluster"]["env"] == {"CLUSTER_WIPE": "1"}
