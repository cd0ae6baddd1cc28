"""One running shop for all tests that need a whole one and do no lasting harm to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shop import Shop


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """Started when the first test asks for it."""
    with Shop() as shop:
        yield shop
