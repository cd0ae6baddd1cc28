"""Six planted bugs: with the same seed a run is green without and red with each of them.

A plant is a patch of the product in tests/faults/plants/, applied to a copy of the tree. What must
catch it, and by the name of which invariant, is in PLANTS.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("chassis", "order_service", "sandbox", "deploy", "tests")
SIMULATOR = ("-m", "order_service.tests.simulator", "--seed", "1", "--histories", "500")
STALLED_WORKER = ("-m", "tests.faults.plants.stalled_worker")
LIMIT_SECONDS = 240


@dataclass(frozen=True)
class Plant:
    """A bug, and the invariant that it breaks, or the two of which either may be seen first."""

    name: str
    breaks: str
    proof: tuple[str, ...] = SIMULATOR


PLANTS = (
    Plant("no_resend", "I9"),  # a lost message is an order that nobody looks at again
    Plant("unkeyed_capture", "I3"),  # a repeated capture charges twice
    Plant("no_tombstone", "I6"),  # a late reserve holds goods for a cancelled order
    Plant("unfenced_write", "I8"),  # a stale worker overwrites a cancel
    # A set goes on with an order whose fence failed: takes the goods and money of a cancelled one.
    Plant("unfenced_member", "I8|I3"),
    # A lost answer to an ack takes a message's place for good: a worker waits for ever.
    Plant("kept_place", "I9", STALLED_WORKER),
)


@pytest.mark.parametrize("proof", [SIMULATOR, STALLED_WORKER], ids=["simulator", "worker"])
def test_without_plants_it_is_green(tmp_path: Path, proof: tuple[str, ...]) -> None:
    done = _run(_copy(tmp_path), proof)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_each_plant_is_caught_by_name(tmp_path: Path, plant: Plant) -> None:
    tree = _copy(tmp_path)
    patch = ROOT / "tests" / "faults" / "plants" / f"{plant.name}.patch"
    subprocess.run(["git", "apply", "--verbose", patch], cwd=tree, check=True)
    done = _run(tree, plant.proof)
    last = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 1, done.stdout
    assert re.search(rf"\b({plant.breaks}): ", last)
    print(f"planted bug {plant.name}: caught, {last}")


def _copy(folder: Path) -> Path:
    """A tree that git does not know as part of this repository, so that patches apply to it."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _run(tree: Path, proof: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *proof],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
