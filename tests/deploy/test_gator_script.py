"""gator.sh asks gator for the suite and for every rendered overlay, and says when it cannot.

gator itself is a stand-in here: `make test` needs no Go. The suite is tried by test_policies.py.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import OVERLAYS, ROOT

SCRIPT = ROOT / "deploy" / "scripts" / "ci" / "gator.sh"
NEEDED = ("bash", "dirname", "basename", "sed")


def run(path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """With nothing on PATH but what the script needs."""
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (path / name).symlink_to(found)
    return subprocess.run(
        [path / "bash", SCRIPT, *arguments],
        env={"PATH": str(path), "HOME": str(path), **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def gator(tmp_path: Path) -> Path:
    """Says what it was asked, and denies what FAILING names."""
    file = tmp_path / "gator"
    file.write_text('#!/bin/sh\necho "asked: $*"\n[ "$1" != "${FAILING:-}" ]\n')
    file.chmod(0o755)
    return file


def test_the_suite_and_every_overlay_are_tried(tmp_path: Path, gator: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    asked = [each for each in done.stdout.splitlines() if each.startswith("asked: ")]
    policy = ROOT / "deploy/kubernetes/policy/gatekeeper"
    assert asked[0] == f"asked: verify {policy}/suite.yaml"
    rules = f"asked: test --filename {policy}/templates --filename {policy}/constraints --filename "
    rendered = ROOT / "deploy/kubernetes/rendered"
    assert asked[1:] == [f"{rules}{rendered}/{of}.yaml" for of in sorted(OVERLAYS)]


@pytest.mark.parametrize("failing", ["verify", "test"])
def test_a_denial_fails(tmp_path: Path, gator: Path, failing: str) -> None:
    assert run(tmp_path, GATOR=str(gator), FAILING=failing).returncode == 1


def test_without_gator_and_go_it_says_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "install Go" in done.stderr
