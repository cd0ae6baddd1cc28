"""`make bench` without the minutes of measuring: what it refuses, prints and writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import report
from bench.report import Report

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def measure(found: Report) -> None:
    found.heading("orders")
    found.figure("accepted", 149.6, "/s", at_least=150)
    found.figure("placing p99", 120, "ms", at_most=120, note="of 400")
    found.figure("hot / spread", 0.954)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the page, and parts that measure nothing."""
    copy = tmp_path / "performance.md"
    copy.write_text(PAGE.read_text())
    monkeypatch.setattr(report, "PAGE", copy)
    monkeypatch.setattr(bench, "PARTS", {"trade": measure, "front_door": lambda found: None})
    return copy


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["nonsense"], "There is no part 'nonsense'. Parts: trade, front_door."),
        (["trade", "--write"], "--write replaces the whole table"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    asked: list[str], why: str, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(asked) == 2
    assert why in capsys.readouterr().err


def test_a_figure_says_its_aim_and_whether_it_is_met(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = page.read_text()
    assert bench.main(["trade"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert "| accepted | 149.6 /s | at least 150: SHORT |  |" in rows
    assert "| placing p99 | 120 ms | at most 120 | of 400 |" in rows
    assert "| hot / spread | 0.95 |  |  |" in rows
    assert page.read_text() == before


def test_the_table_of_the_page_is_that_of_the_last_run(page: Path) -> None:
    before = page.read_text()
    for _ in range(2):
        assert bench.main(["--write"]) == 0
    head = before.partition(report.BEGIN)[0]
    written = page.read_text()
    assert written.startswith(head)
    assert written.count("# Performance\n") == written.count("\n## Figures\n") == 1
    assert written.count("| placing p99 | 120 ms |") == 1
    assert "No run has been written here yet." not in written
    assert written.endswith(f"{report.END}\n")
