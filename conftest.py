"""Root of the tests: orders the work, and sums it up.

Each service's suite needs settings of its own, so it runs in its own process:
`pytest product_service`, `pytest order_service`, or bare `pytest` for everything.
"""

from __future__ import annotations

import pytest

# Long work starts first, so that two processes end together; the rest follows as it comes.
FIRST = (
    "tests/faults/test_fault_run.py",
    "tests/test_services.py",
    "tests/e2e/",
    "tests/race/",
    "tests/monitoring/test_watchers.py",
    "tests/faults/test_plants.py",
    "tests/test_style.py",
    "tests/local/",
)
APART = ("tests/test_services.py", "tests/test_style.py")  # each test is work of its own
TOGETHER = ("tests/race/", "tests/e2e/")  # tests of the folder share one running shop
SPEAKING = ("tests/faults/", "tests/race/", "tests/e2e/")  # what they print are results


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.nodeid))
    for item in items:
        if not item.nodeid.startswith(APART):
            group = item.path.parent if item.nodeid.startswith(TOGETHER) else item.path
            item.add_marker(pytest.mark.xdist_group(str(group)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Below the root's own result: the figures that tests print, and what the suites ran."""
    ended = [each for name in ("passed", "failed") for each in terminalreporter.getreports(name)]
    reports = [each for each in ended if each.when == "call"]
    for report in reports:
        if report.passed and report.nodeid.startswith(SPEAKING) and report.capstdout.strip():
            terminalreporter.section(report.nodeid.partition("@")[0], sep="-")
            terminalreporter.write_line(report.capstdout.strip("\n"))
    lines = [value for each in reports for key, value in each.user_properties if key == "suite"]
    if lines:
        terminalreporter.section("suites of the services")
        for line in lines:
            terminalreporter.write_line(str(line))


def _rank(nodeid: str) -> int:
    return next((at for at, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
