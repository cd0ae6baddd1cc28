"""The workflows of GitHub Actions: valid, hardened, pinned, and running the plain commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import overlay
from tests.deploy.terraform import resources

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
GRACE = 30  # seconds that deploy.sh waits after a Job's deadline
WAIT = 300  # and for pods: databases, the new version, the one before if it goes back
SECRET = re.compile(r"\bsecrets\.[A-Z]|secrets: inherit")


def content(workflow: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(workflow.read_text())
    return loaded


def steps(job: str) -> dict[str, dict[str, Any]]:
    """The steps of a job of ci.yml that run a command, by the command."""
    found = content(GITHUB / "workflows" / "ci.yml")["jobs"][job]["steps"]
    return {step["run"].strip(): step for step in found if "run" in step}


def by_name(workflow: str, job: str) -> dict[str, dict[str, Any]]:
    """The steps of a job by their names."""
    return {
        step["name"]: step
        for step in content(GITHUB / "workflows" / workflow)["jobs"][job]["steps"]
    }


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
    assert [name for name in called if not os.access(ROOT / name, os.X_OK)] == []


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


def test_an_approval_keeps_no_other_deploy_out() -> None:
    """A job that waits for reviewers has its concurrency group already."""
    workflow = content(GITHUB / "workflows" / "deploy.yml")
    assert "concurrency" not in workflow
    approval, deploy = workflow["jobs"]["approval"], workflow["jobs"]["deploy"]
    assert "github.run_id" in approval["concurrency"]["group"]
    assert approval["environment"] == "${{ inputs.overlay }}-approval"
    assert approval["steps"][-1]["run"] == "deploy/scripts/ci/approved.sh production-approval"
    assert deploy["needs"] == "approval"
    assert deploy["environment"] == "${{ inputs.overlay }}"
    assert deploy["concurrency"]["group"] == "deploy-${{ inputs.overlay }}"


def test_only_what_this_run_committed_is_taken_back() -> None:
    condition = by_name("deploy.yml", "deploy")["Take the commit back"]["if"]
    assert "steps.commit.outputs.made == 'true'" in condition
    assert "outcome" not in condition


def test_where_argo_cd_delivers_the_commit_is_all() -> None:
    steps = by_name("deploy.yml", "deploy")
    conditional = [name for name, step in steps.items() if "DELIVERY" in step.get("if", "")]
    assert conditional == ["Deploy", "Take the commit back"]
    assert all("vars.DELIVERY != 'argocd'" in steps[name]["if"] for name in conditional)


def test_a_deploy_has_the_time_that_its_parts_may_take() -> None:
    jobs = [each for each in overlay("production") if each["kind"] in ("Job", "CronJob")]
    (backup,) = (
        each["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]
        for each in jobs
        if each["metadata"]["name"] == "backup"
    )
    migrations = max(
        each["spec"]["activeDeadlineSeconds"] for each in jobs if each["kind"] == "Job"
    )
    needed = backup + migrations + 2 * GRACE + 3 * WAIT
    lasts = content(GITHUB / "workflows" / "deploy.yml")["jobs"]["deploy"]["timeout-minutes"] * 60
    role = by_name("deploy.yml", "deploy")["Take on the role of the cloud"]["with"]
    assert needed < lasts < role["role-duration-seconds"]
    assert (
        role["role-duration-seconds"] <= resources("aws_iam_role")["github"]["max_session_duration"]
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_job_that_installs_packages_names_its_browser(workflow: Path) -> None:
    """.ci/run would install chromium-headless-shell, which Debian has and Ubuntu has not."""
    loaded = content(workflow)
    for name, job in loaded["jobs"].items():
        installing = [
            step
            for step in job.get("steps", ())
            if step.get("uses") == "$/.github/actions/setup"
            and step.get("with", {}).get("packages") != "false"
        ]
        environment = loaded.get("env", {}) | job.get("env", {})
        assert not installing or environment["CHROMIUM"] == "/usr/bin/google-chrome", name


def test_the_job_s_own_token_is_for_ghcr_alone() -> None:
    """registry-login.sh shows GITHUB_TOKEN to no other registry; REGISTRY_TOKEN goes anywhere."""
    steps = [
        step
        for workflow in WORKFLOWS
        for job in content(workflow)["jobs"].values()
        for step in job.get("steps", ())
        if "registry-login.sh" in step.get("run", "")
    ]
    assert len(steps) == 3
    for step in steps:
        assert step["env"].get("REGISTRY_TOKEN", "") in ("", "${{ secrets.REGISTRY_TOKEN }}")
        assert step["env"]["GITHUB_TOKEN"] == "${{ github.token }}"
    scan = content(GITHUB / "workflows" / "scheduled.yml")["jobs"]["images"]
    assert scan["permissions"]["packages"] == "read"
    assert "Sign in to the registry" in by_name("scheduled.yml", "images")


def test_the_version_that_production_runs_is_tried_on_the_new_schema() -> None:
    tried = [each.split()[1:] for each in commands() if "/expand-contract.sh" in each]
    assert [" ".join(each) for each in tried] == [
        '"$BASE"',
        '"$(deploy/scripts/ci/served.sh production)"',
    ]


def test_every_image_of_others_is_kept_current() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    (listed,) = (each["directories"] for each in updates if each["package-ecosystem"] == "docker")
    kubernetes = ROOT / "deploy" / "kubernetes"
    made = [kubernetes / "rendered", kubernetes / "policy"]  # made of the others; cases of tests
    folders = {
        file.parent
        for file in kubernetes.rglob("*.yaml")
        if not any(file.is_relative_to(each) for each in made)
        and re.search(r"^[ -]*image: (?!techcommerce/)", file.read_text(), re.MULTILINE)
    }
    assert kubernetes / "monitoring" in folders
    for folder in folders:
        name = f"/{folder.relative_to(ROOT)}"
        assert any(fnmatch(name, pattern) for pattern in listed), name


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
