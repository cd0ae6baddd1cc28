"""The running shop sells with roles that can read and write rows, and nothing else."""

from __future__ import annotations

import psycopg
import pytest

from tests import rights
from tests.shop import Shop


@pytest.mark.parametrize("service", rights.KNOWN_HISTORIES)
def test_a_service_cannot_change_its_tables_its_history_or_the_server(
    service: str, shop: Shop
) -> None:
    url = shop.runtime_urls[f"{service.upper()}_DATABASE_URL"]
    assert rights.went_through(url) == []
    assert rights.entered(url) == []
    assert rights.lacking(url) == set()
    with psycopg.connect(url) as connection:
        assert rights.histories(connection) >= rights.KNOWN_HISTORIES[service]


@pytest.mark.parametrize("service", rights.KNOWN_HISTORIES)
def test_the_owner_of_its_tables_enters_no_other_database(service: str, shop: Shop) -> None:
    url = shop.owner_urls[f"{service.upper()}_OWNER_DATABASE_URL"]
    assert rights.entered(url) == []
