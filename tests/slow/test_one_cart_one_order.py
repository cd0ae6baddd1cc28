"""200 tries to buy one cart twice, in a shop of its own whose services freeze and die."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator

import pytest

from tests.faults import goods
from tests.race.carts import CHECKING, OUT_OF_DATE, Tally
from tests.race.one_cart import round_of
from tests.race.troubles import TROUBLES
from tests.shop import Shop

SHOPPERS = 10
ROUNDS = 20
TRIES = SHOPPERS * ROUNDS


@pytest.fixture
def stocked() -> Iterator[Shop]:
    with Shop() as shop:
        goods.stock_up(shop.products_database, hot={})
        yield shop


def test_never_two_orders_of_one_cart(stocked: Shop) -> None:
    """CART_SEED repeats a run."""
    seed = os.environ.get("CART_SEED") or secrets.token_hex(4)
    tally, began = Tally(), time.monotonic()
    print(f"seed {seed}")
    try:
        for number in range(ROUNDS):
            trouble = TROUBLES[number % len(TROUBLES)]
            round_of(
                *(stocked, stocked.url, trouble),
                shoppers=SHOPPERS,
                seed=f"{seed}-{number}",
                tally=tally,
            )
    finally:
        print(f"{tally}; seed {seed}, {time.monotonic() - began:.0f} s")
    assert tally["tries"] == TRIES
    assert tally["presses"] > 3 * TRIES  # or nobody tried
    assert tally[f'pages with "{CHECKING}"'] > SHOPPERS
    assert tally[f'pages with "{OUT_OF_DATE}"'] > SHOPPERS
