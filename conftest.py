"""Root of the tests: refuses what would silently skip, and sums up the services' own suites.

Each service's suite needs settings of its own, so it runs in its own process:
`pytest product_service`, `pytest order_service`, or bare `pytest` for everything.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
SUITES = ("chassis", "product_service", "order_service", "storefront")


def pytest_configure(config: pytest.Config) -> None:
    """One process holds one service's settings; pytest would skip a second service's tests."""
    asked = {Path(argument.partition("::")[0]).absolute() for argument in config.args}
    for suite in SUITES:
        if any((ROOT / suite) in (path, *path.parents) for path in asked):
            raise pytest.UsageError(
                f"{suite} has settings of its own and cannot share a pytest process. "
                f"Run: pytest {suite}   (everything: pytest)"
            )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Below the root's own result: what ran inside tests/test_services.py."""
    reports = [each for each in terminalreporter.getreports("") if each.when == "call"]
    lines = [value for each in reports for key, value in each.user_properties if key == "suite"]
    if lines:
        terminalreporter.section("suites of the services")
        for line in lines:
            terminalreporter.write_line(str(line))
