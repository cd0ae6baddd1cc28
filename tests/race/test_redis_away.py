"""Redis is a convenience: without it orders are accepted at once and completed all the same.

Refused (the server is dead) and frozen (it accepts connections and never answers) are different
failures: the second one is where careless clients hang. TEST_ALL=1 places 200 orders each time.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.effort import tries
from tests.faults import goods
from tests.faults.figures import quantile
from tests.faults.observer import Observer
from tests.faults.system import System
from tests.race.buyers import Wish, in_turn
from tests.race.test_race import assert_books_agree, outcomes

ORDERS = tries(30, 200)
BUYERS = 8
LONGEST_SECONDS = 120.0


@contextmanager
def refused(system: System) -> Iterator[None]:
    system.members.kill("redis", hold=True)
    try:
        yield
    finally:
        system.members.release("redis")
        system.members.wait_until_up("redis")


@contextmanager
def frozen(system: System) -> Iterator[None]:
    system.members["redis"].signal(signal.SIGSTOP)
    try:
        yield
    finally:
        system.members["redis"].signal(signal.SIGCONT)
        system.members.wait_until_up("redis")


AWAY: dict[str, Callable[[System], AbstractContextManager[None]]] = {
    "refused": refused,
    "frozen": frozen,
}


@pytest.mark.parametrize("how", AWAY)
def test_orders_are_accepted_and_confirmed_without_redis(
    system: System,
    observer: Observer,
    tmp_path: Path,
    how: str,
) -> None:
    wishes = [
        Wish(
            subject=f"guest:{how}-{number}",
            key=f"{how}-{number}",
            body=goods.order_body([(goods.name(number % 200), 1)], email="away@example.org"),
        )
        for number in range(ORDERS)
    ]
    with AWAY[how](system):
        purchases = in_turn(system, wishes, buyers=BUYERS)
        seconds = [each.answer.seconds for each in purchases]
        took = observer.drain(LONGEST_SECONDS)
    print(
        f"\nplaced without Redis: p50 {quantile(seconds, 0.5) * 1000:.0f} ms, "
        f"p99 {quantile(seconds, 0.99) * 1000:.0f} ms; all confirmed after {took or -1:.1f} s"
    )
    assert [each.answer.status for each in purchases] == [202] * ORDERS
    assert took is not None, f"not confirmed within {LONGEST_SECONDS:.0f} s"
    assert outcomes(system, purchases) == {("confirmed", ""): ORDERS}
    assert_books_agree(system, purchases, tmp_path)
