"""The workflows of GitHub Actions: valid, hardened, pinned, and running the plain commands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def steps(job: str) -> dict[str, dict[str, Any]]:
    """The steps of a job of ci.yml that run a command, by the command."""
    content: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    return {step["run"].strip(): step for step in content["jobs"][job]["steps"] if "run" in step}


def test_workflows_follow_the_schema() -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, WORKFLOWS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    command = [str(BIN / "zizmor"), "--offline", "--pedantic", "--no-progress"]
    done = subprocess.run([*command, *map(str, WORKFLOWS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_every_job_ends(workflow: Path) -> None:
    uses = [line.strip() for line in workflow.read_text().splitlines() if "uses: " in line]
    assert uses
    assert [line for line in uses if not PINNED.search(line)] == []
    jobs: dict[str, dict[str, Any]] = yaml.safe_load(workflow.read_text())["jobs"]
    assert [name for name, job in jobs.items() if "timeout-minutes" not in job] == []


def test_ci_runs_the_commands_of_a_developer() -> None:
    assert list(steps("test"))[-2:] == ["make test", "make test-slow"]
    assert list(steps("cluster"))[:2] == ["deploy/scripts/kind-up.sh", "make test-cluster"]


def test_ci_deploys_into_an_empty_namespace() -> None:
    assert steps("cluster")["make test-cluster"]["env"] == {"CLUSTER_WIPE": "1"}
