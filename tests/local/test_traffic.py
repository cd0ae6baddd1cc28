"""Simulated shoppers: what they read of a page, and what they say without a shop."""

from __future__ import annotations

import pytest

from deploy.local.failures import Expected
from deploy.local.ports import any_free
from deploy.local.traffic.command import main
from deploy.local.traffic.shopper import CONFIRMED, ERRORS, NOT_FOUND, PAGES, Tally
from deploy.scripts.smoke import Form, Page

PAGE = """
<a href="/p/one/">One</a><a href="/c/shelf/">Shelf</a><a href="/p/two/">Two</a>
<form action="/search/"><input name="q"></form>
<form method="post" action="/cart/add/">
  <input type="hidden" name="token" value="t&amp;t"><input name="quantity" value="1"><input>
</form>
<form method="post">
  <input type="radio" name="card" value="a"><input type="radio" name="card" value="b" checked>
</form>
<input name="outside" value="1">
"""


def test_a_page_gives_its_links_and_forms() -> None:
    page = Page(PAGE)
    assert page.links_to("/p/") == ["/p/one/", "/p/two/"]
    assert page.form("/cart/add/") == Form("/cart/add/", {"token": "t&t", "quantity": "1"})
    assert page.form("") == Form("", {"card": "b"}, {"card": ["a", "b"]})
    assert page.form("/elsewhere/") is None


def test_a_tally_counts_pages_by_how_they_ended() -> None:
    tally = Tally()
    for status, seconds in ((200, 0.1), (302, 0.1), (404, 0.2), (503, 0.9)):
        tally.page(status, seconds)
    tally.add(CONFIRMED)
    found = [tally[name] for name in (PAGES, NOT_FOUND, ERRORS, CONFIRMED)]
    assert found == [4, 1, 1, 1]
    assert tally.p95_seconds() == 0.9
    assert tally.line().startswith("4 pages   0 orders   1 confirmed")


def test_without_a_shop_it_says_how_to_start_one() -> None:
    (port,) = any_free(1)
    with pytest.raises(Expected, match=f"No shop answers at http://127.0.0.1:{port}") as failure:
        main(["--url", f"http://127.0.0.1:{port}"])
    assert failure.value.fix.startswith("make run")


@pytest.mark.parametrize("wrong", [("--shoppers", "0"), ("--shoppers", "33"), ("--seconds", "x")])
def test_the_load_is_bounded(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--url", "http://127.0.0.1:9", *wrong])
    assert stopped.value.code == 2
    assert "is no number from 1 to" in capsys.readouterr().err
