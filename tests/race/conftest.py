"""One whole shop for all races: two web workers, two worker children, nothing in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.effort import tries
from tests.faults.observer import Observer
from tests.faults.system import System

STOCK = 50
ROUNDS = range(tries(1, 5))
RACES = {f"HOT-{kind}-{n}": STOCK for kind in ("PAID", "DECLINED") for n in ROUNDS}


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    with System(hot=RACES, times={}, has_proxy=False) as system:
        yield system


@pytest.fixture(scope="session")
def observer(system: System) -> Observer:
    return Observer(system.orders_database)
