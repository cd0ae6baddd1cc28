"""Root of the tests: orders the work, and sums it up.

Each service's suite needs settings of its own, so it runs in its own process:
`pytest product_service`, `pytest order_service`, or bare `pytest` for everything.
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
    "tests/test_services.py::test_suite_passes[order_service]",
    "tests/e2e/",
    "tests/race/",
    "tests/front_door/",
    "tests/faults/test_fault_run.py",
    "tests/monitoring/test_watchers.py",
    "tests/test_services.py::test_suite_passes[order_service/tests/crash]",
    "tests/test_services.py::test_two",
    "tests/test_services.py::test_suite_passes[chassis]",
    "tests/faults/test_plants.py",
    "tests/test_services.py::test_suite_passes[storefront]",
    "tests/test_services.py::test_suite_passes[product_service]",
    "tests/local/test_run.py",
    "tests/deploy/test_deploy_",
    "tests/test_style.py::test_types_hold",
    "tests/faults/test_audit.py",
    "tests/monitoring/test_rules.py",
)
APART = ("tests/test_services.py", "tests/test_style.py")  # each test is work of its own
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
    """Below the root's own result: the figures that tests print, and what the suites ran."""
    ended = [each for name in ("passed", "failed") for each in terminalreporter.getreports(name)]
    reports = [each for each in ended if each.when == "call"]
    for report in reports:
        if report.passed and report.nodeid.startswith(SPEAKING) and report.capstdout.strip():
            terminalreporter.section(report.nodeid, sep="-")
            terminalreporter.write_line(report.capstdout.strip("\n"))
    lines = [value for each in reports for key, value in each.user_properties if key == "suite"]
    if lines:
        terminalreporter.section("suites of the services")
        for line in lines:
            terminalreporter.write_line(str(line))


def _rank(nodeid: str) -> int:
    return next((at for at, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
