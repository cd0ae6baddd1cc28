"""A try to buy one cart twice while order_service is frozen; tests/slow has 200 of them."""

from __future__ import annotations

import secrets

from tests.faults.system import System
from tests.race.carts import CHECKING, Tally
from tests.race.one_cart import round_of
from tests.race.troubles import order_service_frozen
from tests.shop import Shop


def test_one_cart_is_bought_once(system: System, shop: Shop) -> None:
    tally, seed = Tally(), secrets.token_hex(4)
    print(f"seed {seed}")
    round_of(
        *(system, shop.url, order_service_frozen),
        shoppers=1,
        seed=seed,
        tally=tally,
        within_seconds=0,  # before a fast machine has answered the few presses
    )
    print(tally)
    assert tally[f'pages with "{CHECKING}"'] > 0
