"""The SQL of every migration as Django would send it; nothing is applied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from deploy.local.folder import ROOT


@dataclass(frozen=True)
class Statements:
    """What one migration sends to the database."""

    name: str  # "orders.0007_delivery_unanswered"
    is_atomic: bool  # one transaction around all of it
    has_python: bool
    sql: str  # Django's comments among the statements


def of_every_migration() -> dict[str, Statements]:
    """Those of the services in the order in which they are applied, then the planted ones.

    They are written in a process of its own that has the models of all services.
    """
    own = ("PYTEST_", "DJANGO_SETTINGS_MODULE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.expand_contract.writing"],
        cwd=ROOT,
        env={**inherited, "DJANGO_SETTINGS_MODULE": "tests.every_service"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations could not be written as SQL:\n{done.stderr}")
    return {each["name"]: Statements(**each) for each in json.loads(done.stdout)}
