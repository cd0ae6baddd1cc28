"""How much is tried: `make test` as much as finds a fault soon, `make test-all` much more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")
SHARES = 3
IS_THOROUGH = os.environ.get("TEST_ALL") == "1"


def tries(usual: int, thorough: int) -> int:
    """How often this run does something random, or how many of many cases it takes."""
    return thorough if IS_THOROUGH else usual


def share(cases: Sequence[Case], number: int) -> Sequence[Case]:
    """A third of the cases, which one by the number modulo 3; in a thorough run all of them."""
    return cases if IS_THOROUGH else cases[number % SHARES :: SHARES]
