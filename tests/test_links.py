"""Every link of the documentation leads somewhere, to the very heading that it names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<!`)\[[^\]\[]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TOURS = [ROOT / "docs" / name for name in ("architecture.md", "orders.md")]
PLACE = re.compile(r"`(\w+(?:/[\w.-]+)*(?:/|\.py|\.md|\.yaml|\.toml))`")
CRASHPOINT = re.compile(r'crashpoint\("(\w+)"\)')


def pages() -> list[Path]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.split()]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, no signs, dashes for blanks."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each) for each in headings)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in plain}


def is_dead(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = LINK.findall(FENCE.sub("", page.read_text("utf-8")))
    ours = [each for each in links if not re.match(r"[a-z]+:", each)]
    assert [each for each in ours if is_dead(page, each)] == []


@pytest.mark.parametrize("page", TOURS, ids=lambda page: page.name)
def test_every_place_that_a_tour_names_is_there(page: Path) -> None:
    named = {each for each in PLACE.findall(page.read_text("utf-8")) if "/" in each}
    assert named
    assert {each for each in named if not (ROOT / each).exists()} == set()


def test_the_table_of_deaths_has_every_crash_point() -> None:
    table = re.search(r"^## What happens when a process.*?^##", TOURS[1].read_text(), re.M | re.S)
    assert table
    rows = [line.split("|")[3] for line in table[0].splitlines() if line.startswith("|")]
    named = {each for row in rows for each in re.findall(r"`(\w+)`", row)}
    files = (ROOT / "order_service").rglob("*.py")
    assert named == {each for path in files for each in CRASHPOINT.findall(path.read_text())}
