"""The running shop with the goods that are raced for."""

from __future__ import annotations

import pytest

from tests.effort import tries
from tests.faults import goods
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.shop import Shop

STOCK = 50
ROUNDS = range(tries(1, 5))
RACES = {f"HOT-{kind}-{n}": STOCK for kind in ("PAID", "DECLINED") for n in ROUNDS}
LONGEST_SECONDS = 60.0


@pytest.fixture(scope="session")
def observer(shop: Shop) -> Observer:
    return Observer(shop.orders_database)


@pytest.fixture(scope="session")
def system(shop: Shop, observer: Observer) -> System:
    """Every order that a browser placed before is decided."""
    goods.stock_up(shop.products_database, hot=RACES)
    assert observer.drain(LONGEST_SECONDS) is not None
    return shop
