"""A browser, and where its shop is: at BASE_URL, or one of our own on free ports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browser import WIDTHS, Watch, chromium, chromium_path
from tests.shop import Shop

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """Where the shop is; nothing is started in vain where there is no browser."""
    _require_chromium()
    if given := os.environ.get("BASE_URL"):
        return given.rstrip("/")
    shop: Shop = request.getfixturevalue("shop")
    return shop.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module: while Playwright runs, no other test of the process may use asyncio."""
    _require_chromium()
    with chromium() as browser:
        yield browser


def _require_chromium() -> None:
    if chromium_path() is not None:
        return
    reason = "no Chromium found: apt-get install chromium-headless-shell, or set CHROMIUM"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def new_page(browser: Browser, base_url: str) -> Iterator[NewPage]:
    """Makes a page in a fresh browser profile; what happens in it is watched.

    The test fails at its end if any page saw a console error (a breach of the content security
    policy is one) or an uncaught exception. `expected` are statuses provoked on purpose.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def make(
        *, width: int = 1280, expected: frozenset[int] = frozenset(), **options: object
    ) -> Page:
        size = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, expected))
        return page

    yield make
    problems = [problem for watch in watches for problem in watch.problems]
    for context in contexts:
        context.close()
    assert problems == []
