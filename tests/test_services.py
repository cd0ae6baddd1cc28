"""Runs each service's own suite in its own process: one process cannot hold two settings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.effort import tries

ROOT = Path(__file__).parents[1]
# The slowest first, and that in two parts: alone it would take longer than all else together.
CRASHES = "order_service/tests/crash"
SUITES = ("order_service", CRASHES, "storefront", "product_service", "chassis")
LIMIT_SECONDS = tries(900, 3600)


@pytest.mark.parametrize("suite", SUITES)
def test_suite_passes(suite: str, record_property: Callable[[str, object], None]) -> None:
    service = suite.partition("/")[0]
    command = [sys.executable, "-m", "pytest", "-c", f"{service}/pytest.ini", suite]
    command += ["--quiet", "--no-header", "--color=no", "-p", "no:cacheprovider"]
    if suite == "order_service":
        command.append(f"--ignore={CRASHES}")
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_environment() | _apart(suite),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    lines = done.stdout.splitlines()
    for line in lines:
        if line.startswith("SKIPPED"):
            record_property("suite", f"{suite}: {line}")
    record_property("suite", f"{suite.ljust(26)} {lines[-1].strip('= ') if lines else ''}")
    print(done.stdout)
    assert done.returncode == 0, f"{suite}: {' / '.join(_failures(lines))}"


def test_two_services_in_one_process_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "product_service", "order_service", "--collect-only"],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "pytest product_service" in done.stderr


def _failures(lines: list[str]) -> list[str]:
    failures = [line for line in lines if re.match(r"(FAILED|ERROR) \S+\.py", line)]
    return failures or lines[-5:]


def _apart(suite: str) -> dict[str, str]:
    """Databases of its own for a part that runs beside the rest of its suite; the first variable
    is one of pytest-django's."""
    if suite != CRASHES:
        return {}
    return {"TOX_PARALLEL_ENV": "crash", "TECHCOMMERCE_TEST_PART": "1"}


def _environment() -> dict[str, str]:
    """This process's variables but those by which xdist and pytest know their own worker."""
    own = ("PYTEST_", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}
