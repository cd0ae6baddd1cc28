"""Tries to buy one cart twice, in rounds of a few shoppers and one trouble each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults.system import System
from tests.race import carts
from tests.race.carts import Shopper, Tally
from tests.race.troubles import WITHIN_SECONDS, meanwhile

Trouble = Callable[[System, Random], None]


def round_of(
    system: System,
    url: str,
    trouble: Trouble,
    *,
    shoppers: int,
    seed: str,
    tally: Tally,
    within_seconds: float = WITHIN_SECONDS,
) -> None:
    """Asserts that each piece in a cart was ordered once, and then once more on purpose."""
    chance = Random(seed)
    sku, more = (f"GOODS-{number:03}" for number in chance.sample(range(200), 2))
    people = [
        Shopper(url, f"cart-{seed}-{number}@example.org", tally, f"{seed}-{number}")
        for number in range(shoppers)
    ]
    carts.each(people, lambda one: one.fill(sku))
    act = carts.all_at_once(people, more)
    with meanwhile(trouble, system, seed, within_seconds):
        act()
    _assert_nobody_paid_twice(system, people, "in the race")
    carts.each(people, Shopper.settle)
    _assert_bought(system, people, "after the race")
    carts.each(people, lambda one: one.fill_again(sku))
    carts.each(people, Shopper.settle)
    _assert_bought(system, people, "again on purpose")
    for one in people:
        tally.add("tries")
        for _ in range(carts.bought(system.orders_database, one)[0]):
            tally.add("orders")


def _assert_nobody_paid_twice(system: System, people: list[Shopper], when: str) -> None:
    for one in people:
        orders, pieces = carts.bought(system.orders_database, one)
        assert pieces <= one.put, f"{when}: {one.email} has {orders} orders of {pieces} pieces"


def _assert_bought(system: System, people: list[Shopper], when: str) -> None:
    for one in people:
        orders, pieces = carts.bought(system.orders_database, one)
        said = f"{when}: {one.email} put {one.put} pieces into the cart and has {pieces}"
        assert pieces == one.put, f"{said}, {orders} orders"
