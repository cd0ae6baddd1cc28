"""One whole shop for all races: two web workers, two worker children, nothing in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.observer import Observer
from tests.faults.system import System

STOCK = 50
RACES = {"HOT-PAID": STOCK, "HOT-DECLINED": STOCK}


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    with System(hot=RACES, times={}, has_proxy=False) as system:
        yield system


@pytest.fixture(scope="session")
def observer(system: System) -> Observer:
    return Observer(system.orders_database)
