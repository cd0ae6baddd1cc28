"""promtool and amtool: found, or the tests that need them say that they were skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Check = Callable[..., str]
PACKAGES = "apt-get install prometheus prometheus-alertmanager"


@pytest.fixture
def promtool() -> Check:
    return _runner("promtool")


@pytest.fixture
def amtool() -> Check:
    return _runner("amtool")


def require(*names: str) -> str:
    """The path of a program that has one of these names.

    Without it the test is skipped, and fails where REQUIRE_PROMTOOL=1.
    """
    if found := next((path for name in names if (path := shutil.which(name))), None):
        return found
    reason = f"{names[-1]} is not installed: {PACKAGES}"
    if os.environ.get("REQUIRE_PROMTOOL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _runner(program: str) -> Check:
    path = require(program)

    def run(*arguments: str | Path) -> str:
        command = [path, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run
