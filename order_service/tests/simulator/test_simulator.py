"""Bad days of the pipeline by the hundred, each by a seed; see history.py for what can happen.

A failure names the invariant, shows the last steps and tells how to replay its seed.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterator

import pytest

from order_service.orders.states import MOVES, TERMINAL, Reason, State
from order_service.tests.simulator.history import play
from tests.effort import tries

FIXED = range(1, tries(600, 10_000) + 1)  # the same in every run
FRESH = tries(200, 5_000)  # other ones each time


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_every_invariant_holds_in_every_history() -> None:
    moves: Counter[tuple[State, State]] = Counter()
    reasons: Counter[Reason] = Counter()
    kills = with_sets = killed_in_sets = 0
    for seed in FIXED:
        history = play(seed)
        kills += history.kills
        with_sets += history.sets > 0
        killed_in_sets += history.killed_in_sets
        for row in history.store.rows.values():
            moves.update((origin, to) for _, origin, to in row.history if origin is not None)
            reasons.update([row.reason] if row.reason else [])
    # A simulator that never goes somewhere proves nothing about it.
    assert set(moves) == {(origin, to) for origin, onward in MOVES.items() for to in onward}
    assert set(reasons) == set(Reason)
    assert kills > len(FIXED)
    assert with_sets > len(FIXED) / 2
    assert killed_in_sets > len(FIXED) / 4
    assert {to for _, to in moves} >= TERMINAL


def test_every_invariant_holds_in_fresh_histories() -> None:
    first = secrets.randbelow(10**9)
    print(f"python -m order_service.tests.simulator --seed {first} --histories {FRESH}")
    for seed in range(first, first + FRESH):
        play(seed)


def test_a_seed_tells_the_same_story_twice() -> None:
    assert play(7).trace == play(7).trace
