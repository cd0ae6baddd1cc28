"""Who may push, who may read, who was asked: the scripts of a release that tell rights apart."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local.folder import ROOT

SCRIPTS = ROOT / "deploy" / "scripts" / "ci"
ECR = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"


def command(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return str(path)


def run(
    folder: Path, script: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    command(folder, "docker", 'echo "$*"; cat')
    kept = {name: each for name, each in os.environ.items() if "GITHUB" not in name}
    told = {"REPORTS": str(folder), "PATH": f"{folder}:{kept['PATH']}", **variables}
    return subprocess.run(
        [str(SCRIPTS / f"{script}.sh"), *arguments],
        env={**kept, **told},
        capture_output=True,
        text=True,
    )


def test_the_password_of_a_registry_is_in_no_argument(tmp_path: Path) -> None:
    told = {"REGISTRY": "docker.io/acme", "REGISTRY_USER": "me", "REGISTRY_TOKEN": "hunter2"}
    done = run(tmp_path, "registry-login", "--push", **told)
    assert done.stdout == "login docker.io --username me --password-stdin\nhunter2"


@pytest.mark.parametrize("registry", ["ghcr.io/acme", "GHCR.io/Acme"])
def test_the_job_s_own_token_is_for_ghcr(tmp_path: Path, registry: str) -> None:
    told = {"REGISTRY": registry, "REGISTRY_USER": "me", "GITHUB_TOKEN": "own"}
    done = run(tmp_path, "registry-login", **told)
    assert done.stdout == "login ghcr.io --username me --password-stdin\nown"


@pytest.mark.parametrize("registry", ["docker.io/acme", "ghcr.io.example.org/acme"])
def test_no_other_registry_sees_the_job_s_own_token(tmp_path: Path, registry: str) -> None:
    told = {"REGISTRY": registry, "REGISTRY_USER": "me", "GITHUB_TOKEN": "own"}
    done = run(tmp_path, "registry-login", **told)
    assert (done.returncode, "login" in done.stdout, "own" in done.stdout) == (0, False, False)
    assert "Nobody signs in to" in done.stdout
    pushing = run(tmp_path, "registry-login", "--push", **told)
    assert (pushing.returncode, pushing.stdout) == (2, "")
    assert "REGISTRY_TOKEN is not set" in pushing.stderr


def test_a_registry_of_aws_takes_the_role_of_the_job(tmp_path: Path) -> None:
    command(tmp_path, "aws", 'echo "password of $*"')
    told = {"REGISTRY": f"{ECR}/techcommerce", "REGISTRY_USER": "me", "GITHUB_TOKEN": "own"}
    done = run(tmp_path, "registry-login", "--push", **told)
    assert done.stdout == (
        f"login {ECR} --username AWS --password-stdin\n"
        "password of ecr get-login-password --region eu-central-1"
    )


def test_a_role_that_aws_refuses_is_told(tmp_path: Path) -> None:
    command(tmp_path, "aws", "echo 'Unable to locate credentials' >&2; exit 253")
    done = run(tmp_path, "registry-login", REGISTRY=f"{ECR}/techcommerce")
    assert (done.returncode, done.stdout) == (253, "")
    assert "Unable to locate credentials" in done.stderr


def test_an_approval_that_nobody_had_to_give_is_none(tmp_path: Path) -> None:
    def asked(text: str) -> subprocess.CompletedProcess[str]:
        gh = command(tmp_path, "gh", f'echo "$*" >"{tmp_path}/asked"; {text}')
        return run(
            tmp_path, "approved", "production-approval", GH=gh, GITHUB_REPOSITORY="acme/shop"
        )

    assert asked("printf 'branch_policy\\nrequired_reviewers\\n'").returncode == 0
    path = "repos/acme/shop/environments/production-approval"
    assert (tmp_path / "asked").read_text() == f"api {path} --jq .protection_rules[].type\n"
    nobody = asked("echo branch_policy")
    assert nobody.returncode == 2
    assert "has no reviewers, so nobody was asked" in nobody.stderr
    unread = asked("exit 1")
    assert unread.returncode == 2
    assert "cannot be read" in unread.stderr


def test_capitals_of_an_owner_reach_no_image(tmp_path: Path) -> None:
    command(tmp_path, "git", f"echo {'a' * 40}")
    done = run(tmp_path, "build", "1.4.0", REGISTRY="ghcr.io/Acme", SERVICES="storefront")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "images.txt").read_text() == "ghcr.io/acme/storefront:1.4.0\n"
