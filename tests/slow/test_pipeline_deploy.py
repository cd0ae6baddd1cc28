"""The script that deploys in the pipeline calls deploy.sh and tells how it ended."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fake_kubectl import FakeKubectl
from tests.deploy.script_trial import OLD, Trial
from tests.slow.workshop import Workshop


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with FakeKubectl(tmp_path) as kubectl:
        trial = Trial(tmp_path, kubectl)
        trial.commit()
        yield trial


def deploy(trial: Trial, **variables: str) -> subprocess.CompletedProcess[str]:
    workshop = Workshop.__new__(Workshop)
    workshop.clone, workshop.reports = trial.folder, trial.folder / "reports"
    told = {"KUBECTL": str(trial.kubectl), "COSIGN": str(trial.cosign)}
    told |= {"PYTHON": str(trial.folder / "python"), "POLL_SECONDS": "0.01"}
    told |= {"TECHCOMMERCE_SMOKE_FOLDER": str(trial.folder)}
    return workshop.run("deploy-overlay", "staging", **told, **variables)


def test_a_deploy_of_the_pipeline_is_deploy_sh(trial: Trial) -> None:
    summary = trial.folder / "summary"
    done = deploy(trial, KUBECONFIG_TEXT="{}", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The shop sells: http://shop.test" in done.stdout
    assert "+  image: shop:2" in summary.read_text()
    assert trial.steps()[-1] == "smoke http://shop.test"


def test_a_deploy_that_fails_fails_the_job_with_its_last_line(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"storefront": "crash"}})
    summary = trial.folder / "summary"
    done = deploy(trial, KUBECONFIG_TEXT="{}", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    assert "### staging: exit code 1\n\nFailed: storefront: crashes" in summary.read_text()


def test_without_a_cluster_nothing_is_deployed(trial: Trial) -> None:
    done = deploy(trial)
    assert done.returncode == 2
    assert "set the secret KUBECONFIG_TEXT or the variable EKS_CLUSTER" in done.stderr
    trial.world(contexts=["one", "two"])
    assert "has not one context but: one two" in deploy(trial, KUBECONFIG_TEXT="{}").stderr
