"""How much is tried: `make test` as much as finds a fault soon, `make test-all` much more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

Case = TypeVar("Case")
SHARES = 3
IS_THOROUGH = os.environ.get("TEST_ALL") == "1"
# Set by the first process of a run, so that all of them take the same cases.
TURN = int(os.environ.get("TEST_TURN") or datetime.now(UTC).toordinal()) % SHARES
os.environ["TEST_TURN"] = str(TURN)


def tries(usual: int, thorough: int) -> int:
    """How often this run does something random, or how many of many cases it takes."""
    return thorough if IS_THOROUGH else usual


def share(cases: Sequence[Case], number: int) -> Sequence[Case]:
    """A third of the cases, which one by the number modulo 3; in a thorough run all of them."""
    return cases if IS_THOROUGH else cases[number % SHARES :: SHARES]


def third(cases: Iterable[Case]) -> Sequence[Case]:
    """The third of the cases whose turn it is, a new one each day; in a thorough run all of them.

    For long lists of cases that one piece of code decides alike.
    """
    return share(list(cases), TURN)
