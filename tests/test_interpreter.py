"""The programs of the shop tune the garbage collector; settings only set settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TUNED = "(50000, 20, 100)"
ASK = "; import gc; print(gc.get_threshold())"


@pytest.mark.parametrize(
    ("start", "is_tuned"),
    [
        ("import manage; manage.main(['order_service', 'check'])", True),
        ("import chassis.gunicorn", True),
        ("import order_service.celery", True),
        ("import order_service.settings, chassis.process", False),
    ],
)
def test_programs_are_tuned_and_settings_change_nothing(start: str, is_tuned: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", start + ASK],
        cwd=ROOT,
        env={**os.environ, "SERVICE": "order_service"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.splitlines()[-1] == TUNED) == is_tuned
