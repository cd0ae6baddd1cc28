"""One shop at a domain of its own for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.own_domain import (
    OwnDomain,
    caddy,
)


@pytest.fixture(scope="package")
def own() -> Iterator[OwnDomain]:
    caddy()
    with OwnDomain() as shop:
        yield shop
