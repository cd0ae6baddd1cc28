"""How many processes serve on one machine, and that the user's word goes first."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from deploy.local import shop
from deploy.local.folder import RunFolder


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"storefront": "1", "order_service": "1", "product_service": "2"}),
        (
            {"WEB_WORKERS": "3"},
            dict.fromkeys(("storefront", "order_service", "product_service"), "3"),
        ),
    ],
)
def test_services_with_threads_run_one_worker_unless_told_otherwise(
    tmp_path: Path, given: dict[str, str], expected: dict[str, str]
) -> None:
    ports: dict[str, int] = defaultdict(int)
    programs = shop.programs(given, ports, RunFolder(tmp_path))
    workers = {each.name: each.environment.get("WEB_WORKERS") for each in programs}
    assert {name: workers[name] for name in expected} == expected
