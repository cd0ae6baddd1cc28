"""The planted bugs of tests/slow/test_plants.py fit the code: whoever moves it is told at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.local.folder import ROOT

PATCHES = sorted((ROOT / "tests" / "faults" / "plants").glob("*.patch"))


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_bug_can_be_planted(patch: Path) -> None:
    command = ["git", "apply", "--check", str(patch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
