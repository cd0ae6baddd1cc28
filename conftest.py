"""Root of the tests: orders the work, and sums it up.

Each service's suite needs settings of its own, so it runs in its own process:
`pytest product_service`, `pytest order_service`. Bare `pytest` runs the tests of the whole shop,
`python -m tests` everything.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests import effort

# Long work starts first, so that all processes end together; the rest follows as it comes. A
# process is given its next piece early, so a short one stands behind the longest. What mostly waits
# comes early: it fills no gap later, where much else waits.
FIRST = (
    "tests/e2e/",
    "tests/race/",
    "tests/front_door/",
    "tests/faults/test_fault_run.py",
    "tests/monitoring/test_watchers.py",
    "tests/local/test_run.py",
    "tests/deploy/test_deploy_",
    "tests/test_style.py::test_types_hold",
    "tests/faults/test_audit.py",
    "tests/monitoring/test_rules.py",
)
APART = ("tests/test_style.py",)  # each test is work of its own
# They share one running shop, browsers first.
TOGETHER = ("tests/e2e/", "tests/race/", "tests/front_door/")
SPEAKING = ("tests/faults/", "tests/race/", "tests/e2e/", "tests/slow/")  # they print results


def pytest_report_header() -> str:
    return "all cases" if effort.IS_THOROUGH else f"TEST_TURN={effort.TURN}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.nodeid))


class PieceScheduling(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Gives whole pieces of work to the processes of a run: a file, one shop, or one test.

    xdist's own groups do nothing here: 3.8 notes them in an attribute that pytest 9.2 never reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return "shop" if nodeid.startswith(TOGETHER) else file_of(nodeid)


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Callable[..., None]
) -> LoadScopeScheduling:
    return PieceScheduling(config, log)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Below the result: the figures that tests print."""
    for report in terminalreporter.getreports("passed"):
        is_speaking = report.when == "call" and report.nodeid.startswith(SPEAKING)
        if is_speaking and report.capstdout.strip():
            terminalreporter.section(report.nodeid, sep="-")
            terminalreporter.write_line(report.capstdout.strip("\n"))


def _rank(nodeid: str) -> int:
    return next((at for at, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
