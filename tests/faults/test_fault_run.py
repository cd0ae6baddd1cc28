"""A minute of a shop under siege: nothing lost, nobody charged twice, nothing oversold.

FAULT_SEED replays a run, FAULT_SECONDS makes it longer (`make test-all`: 600); see
`python -m tests.faults.run --help` for a run by hand.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tests.faults import figures
from tests.faults.figures import Bounds
from tests.faults.run import fault_run


def test_nothing_is_lost_whatever_dies(tmp_path: Path) -> None:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**6))
    run = fault_run(seed, seconds=float(os.environ.get("FAULT_SECONDS") or 60), folder=tmp_path)
    print(f"\n{figures.show(run)}")
    assert run.shortcomings(Bounds()) == [], f"FAULT_SEED={seed}; journal and logs: {tmp_path}"
