"""A browser in which somebody is signed in, and whose clicks are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.e2e.browser import WIDTHS, Watch, chromium, overflow

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


class Hand:
    """Clicks in `page`, and counts; typing and the Tab key are none."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, name: str, role: Any = "button") -> None:
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.clicks += 1

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label).first.select_option(label=option)
        self.clicks += 1

    def sound(self, width: int) -> list[str]:
        """What is wrong with the page in a window of that width: axe, and whether it fits."""
        self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        result = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        found = [f"{each['id']} {each['nodes'][0]['html']}" for each in result["violations"]]
        wider = overflow(self.page)
        self.page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})
        return [*found, f"{wider} px too wide"] if wider else found


@contextmanager
def signed_in_browser(url: str, client: Client) -> Iterator[Hand]:
    """Fails at its end if a console error was seen (a breach of the policy is one)."""
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": url}
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, base_url=url, bypass_csp=True
        )
        context.add_cookies([cookie])  # type: ignore[list-item]
        context.add_init_script(path=AXE)
        context.set_default_timeout(15_000)
        page = context.new_page()
        watch = Watch(page)
        yield Hand(page)
        assert watch.problems == []
