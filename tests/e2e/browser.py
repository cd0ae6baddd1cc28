"""A Chromium for the tests, and what is watched in every page that it shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.local.doctor import BROWSERS

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = {390: 844, 1280: 900}  # width: height of the window


def chromium_path() -> str | None:
    """Where a Chromium is, from CHROMIUM or PATH."""
    found = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in BROWSERS)]
    return next((path for path in found if path), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """Collects what must not happen: console errors, broken answers, uncaught exceptions.

    `expected` are statuses that a test provokes on purpose.
    """

    def __init__(self, page: Page, expected: frozenset[int] = frozenset()) -> None:
        self.problems: list[str] = []
        page.on("console", lambda message: self._console(message.type, message.text, expected))
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def _console(self, kind: str, text: str, expected: frozenset[int]) -> None:
        if kind == "error" and not any(f"status of {status}" in text for status in expected):
            self.problems.append(f"console: {text}")


def load_all_pictures(page: Page) -> None:
    """Scroll through the page so that lazy pictures load, and go back to its top."""
    page.evaluate(
        """async () => {
            for (const image of document.images) image.loading = "eager";
            await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
        }"""
    )


def broken_pictures(page: Page) -> list[str]:
    load_all_pictures(page)
    found: list[str] = page.evaluate(
        "[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)"
    )
    return found


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
