"""What visitors of the shop do, request by request, and what each page must show.

A page counts only with its marker in the body; one that says it is a copy, or that something is
away, does not, whatever its status is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import cache
from urllib.parse import urljoin

import requests

from deploy.scripts.smoke import ADDRESS, Page

DEGRADED = ("cannot be reached right now", "away for a moment", "Back in a moment")
EMAIL = "load@example.org"
TIMEOUT_SECONDS = 20.0
BROWSER = "Mozilla/5.0 (cluster tests)"
STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("contact", "How can we reach you?", {"email": EMAIL}),
    ("delivery", "Where should we deliver?", dict(ADDRESS)),
    ("payment", "How do you want to pay?", {"payment_token": "tok_approve"}),
)
Note = Callable[[float, str], None]  # seconds of one request, and what was wrong with it or ""


class PageFailed(Exception):
    """A page did not show what it must."""


class Visitor:
    """A browser without JavaScript: one session, its cookies and its connection.

    `keeps_connection` is HTTP keep-alive; without it each request opens a connection of its own.
    """

    def __init__(self, shop: str, note: Note, *, keeps_connection: bool) -> None:
        self.shop = shop
        self._note = note
        self._session = requests.Session()
        self._session.headers["User-Agent"] = BROWSER
        if not keeps_connection:
            self._session.headers["Connection"] = "close"

    def browse(self, products: Sequence[str], chance: random.Random) -> None:
        """The front page, a product, a search, the cart."""
        self.open("/", 'class="card__link"')
        self.open(chance.choice(products), "Product number")
        self.open(f"/search/?q={chance.choice(('lamp', 'laptop', 'cable'))}", "<h1")
        self.open("/cart/", "<h1")

    def order(self, products: Sequence[str], chance: random.Random) -> str:
        """From the page of a product that is not sold out to the order's number."""
        page = self.open(chance.choice(products), "Product number")
        while (form := page.form("/cart/add/")) and form.is_disabled:
            page = self.open(chance.choice(products), "Product number")
        self.send(page, "/cart/add/", {"quantity": "1"}, "Your cart")
        return self.check_out()

    def check_out(self) -> str:
        """Step by step, whatever the shop remembers of an earlier order of the session."""
        for step, title, typed in STEPS:
            page = self.open(f"/checkout/{step}/", title)
            self.send(page, f"/checkout/{step}/", typed, "<h1")
        page = self.open("/checkout/review/", "Check your order")
        page = self.send(page, "/checkout/place/", {}, "progress__title")
        return page.path.strip("/").rpartition("/")[2]

    def open(self, path: str, marker: str) -> Page:
        return self._request("GET", path, None, marker)

    def send(self, page: Page, action: str, typed: dict[str, str], marker: str) -> Page:
        form = page.form(action)
        if form is None:
            raise PageFailed(f"{page.url} has no form for {action}")
        return self._request("POST", action, {**form.fields, **typed}, marker)

    def _request(self, method: str, path: str, fields: dict[str, str] | None, marker: str) -> Page:
        """One page, redirects followed; each hop counts as a request."""
        began = time.monotonic()
        try:
            answer = self._session.request(
                method, urljoin(self.shop, path), data=fields, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException as error:
            wrong = f"{method} {path}: {type(error).__name__} {error}"
            self._note(time.monotonic() - began, wrong)
            raise PageFailed(wrong) from None
        for hop in answer.history:
            self._note(hop.elapsed.total_seconds(), "")
        wrong = _wrong(answer, marker)
        self._note(answer.elapsed.total_seconds(), wrong)
        if wrong:
            raise PageFailed(wrong)
        return Page(answer.text, answer.url, answer.status_code)


@cache
def products(shop: str) -> list[str]:
    """Paths of products that are in stock, from the shelves that the front page links to."""
    shelves = _page(shop, "/")
    links = [link for link in shelves.links if link.startswith("/c/")] or ["/"]
    found = {
        link
        for shelf in dict.fromkeys(links)
        for link in _page(shop, f"{shelf}?in_stock=1").links
        if link.startswith("/p/")
    }
    return sorted(found)


def _page(shop: str, path: str) -> Page:
    answer = requests.get(urljoin(shop, path), timeout=TIMEOUT_SECONDS)
    return Page(answer.text, answer.url, answer.status_code)


def _wrong(answer: requests.Response, marker: str) -> str:
    """Empty when the page shows what it must."""
    asked = f"{answer.request.method} {answer.request.path_url}"
    degraded = [words for words in DEGRADED if words in answer.text]
    if marker in answer.text and not degraded:
        return ""
    heading = Page(answer.text, answer.url, answer.status_code).heading
    return f"{asked}: {answer.status_code} {heading} {' '.join(degraded)}".strip()
