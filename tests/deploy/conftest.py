"""deploy.sh and a cluster of its own for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fake_kubectl import FakeKubectl
from tests.deploy.script_trial import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with FakeKubectl(tmp_path) as kubectl:
        yield Trial(tmp_path, kubectl)
