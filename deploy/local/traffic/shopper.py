"""A simulated shopper: looks around, searches, gets lost, buys, and waits for the outcome.

What all of them met is counted together.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from urllib.parse import urljoin

import requests

from deploy.scripts.smoke import Form, Page

PAGES, ERRORS, NOT_FOUND, ORDERS = "pages", "errors", "not found", "orders"
CONFIRMED, CANCELLED, NO_ANSWER = "confirmed", "cancelled", "no answer"
SHOWN = (PAGES, ORDERS, CONFIRMED, CANCELLED, NOT_FOUND, ERRORS, NO_ANSWER)
IS_CONFIRMED = "your order is confirmed"  # in the heading of an order's page
TIMEOUT_SECONDS = 15.0
DECIDED_SECONDS = 20.0  # how long a shopper looks at the order
THINKING = (0.2, 1.2)  # seconds between two pages
WORDS = ("laptop", "wireless headphones", "4k display", "keybord", "camera", "xylophone", "usb c")
LOST = ("/p/no-such-product/", "/c/no-such-shelf/", "/no/such/page/")
CONTACT = {"email": "ada@example.org"}
DELIVERY = {
    "name": "Ada Lovelace",
    "line1": "Lindenstraße 12",
    "line2": "",
    "postal_code": "10969",
    "city": "Berlin",
    "country": "DE",
}
CARDS = {
    "tok_approve": 76,
    "tok_decline": 5,
    "tok_insufficient_funds": 3,
    "tok_confirm": 6,
    "tok_slow": 4,
    "tok_timeout_after_effect": 2,
    "tok_capture_decline": 2,
    "tok_late_success": 2,
}
# A browser's, because the shop counts what people do and leaves out programs.
AGENT = "Mozilla/5.0 (TechCommerce traffic) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


class Tally:
    """Counts by name, and how long pages took. Threads only append, which needs no lock."""

    def __init__(self) -> None:
        self._met: list[str] = []
        self._seconds: list[float] = []

    def add(self, name: str) -> None:
        self._met.append(name)

    def page(self, status: int, seconds: float) -> None:
        self.add(PAGES)
        if status == 404:
            self.add(NOT_FOUND)
        elif status >= 500:
            self.add(ERRORS)
        self._seconds.append(seconds)

    def __getitem__(self, name: str) -> int:
        return self._met.count(name)

    def line(self) -> str:
        counts = Counter(self._met)
        return "   ".join(f"{counts[name]} {name}" for name in SHOWN)

    def p95_seconds(self) -> float:
        """The time that one page in twenty took longer than; 0 without a page."""
        times = sorted(self._seconds)
        return times[len(times) * 95 // 100] if times else 0.0


class Shopper:
    """A guest with a browser of their own for each visit."""

    def __init__(self, shop: str, tally: Tally, stop: threading.Event, seed: str) -> None:
        self._shop = shop
        self._tally = tally
        self._stop = stop
        self._chance = random.Random(seed)  # noqa: S311 - a plan, not a secret
        self._session = requests.Session()

    def run(self) -> None:
        """Visit after visit until told to stop; a shop that does not answer is tried again."""
        while not self._stop.is_set():
            try:
                with requests.Session() as self._session:
                    self._session.headers["User-Agent"] = AGENT
                    self._visit()
            except requests.RequestException:
                self._tally.add(NO_ANSWER)
                self._stop.wait(1.0)

    def _visit(self) -> None:
        home = self._open("/")
        if self._chance.random() < 0.1:
            self._open(self._chance.choice(LOST))
        if self._chance.random() < 0.3:
            shelf = self._open(f"/search/?q={self._chance.choice(WORDS)}")
        else:
            shelf = self._open(self._one_of(home.links_to("/c/")) or "/")
        products = shelf.links_to("/p/") or home.links_to("/p/")
        product = self._open(self._one_of(products) or "/")
        form = product.form("/cart/add/")
        if form is not None and self._chance.random() < 0.6:
            self._send("/cart/add/", form, quantity=str(self._chance.randint(1, 2)))
            if self._chance.random() < 0.8:
                self._buy()

    def _buy(self) -> None:
        """The checkout, from the cart to the outcome."""
        if self._chance.random() < 0.1:
            self._fill("/checkout/contact/", email="not an address")
        self._fill("/checkout/contact/", **CONTACT)
        self._fill("/checkout/delivery/", **DELIVERY)
        card = self._chance.choices(list(CARDS), list(CARDS.values()))[0]
        review = self._fill("/checkout/payment/", payment_token=card)
        form = review.form("/checkout/place/") if review else None
        if form is None:
            return  # sold out meanwhile, or paused
        answer = self._request("POST", "/checkout/place/", data=form.fields)
        if "/orders/" in answer.url:
            self._tally.add(ORDERS)
            self._follow(answer)

    def _follow(self, answer: requests.Response) -> None:
        """Look at the order until it is decided; confirm at the bank, mostly, when asked to."""
        until = time.monotonic() + DECIDED_SECONDS
        has_confirmed = False
        while time.monotonic() < until and not self._stop.is_set():
            page = Page(answer.text)
            if IS_CONFIRMED in page.heading:
                self._tally.add(CONFIRMED)
                return
            if "/again/" in answer.text:
                self._tally.add(CANCELLED)
                return
            bank = next((link for link in page.links if "/confirm/" in link), None)
            if bank and not has_confirmed:
                choice = "confirm" if self._chance.random() < 0.8 else "refuse"
                self._session.post(bank, data={"answer": choice}, timeout=TIMEOUT_SECONDS)
                has_confirmed = True
            self._think()
            answer = self._request("GET", answer.url)

    def _fill(self, path: str, **values: str) -> Page | None:
        """One step of the checkout, filled in; the page that comes next."""
        form = self._open(path).form(path)
        return None if form is None else self._send(path, form, **values)

    def _send(self, path: str, form: Form, **values: str) -> Page:
        chosen = {name: self._chance.choice(options) for name, options in form.offered.items()}
        return self._page("POST", path, data={**form.fields, **chosen, **values})

    def _open(self, path: str) -> Page:
        return self._page("GET", path)

    def _page(self, method: str, path: str, data: dict[str, str] | None = None) -> Page:
        answer = self._request(method, path, data=data)
        self._think()
        return Page(answer.text, answer.url)

    def _request(
        self, method: str, path: str, data: dict[str, str] | None = None
    ) -> requests.Response:
        address = urljoin(self._shop, path)
        answer = self._session.request(method, address, data=data, timeout=TIMEOUT_SECONDS)
        for each in (*answer.history, answer):
            self._tally.page(each.status_code, each.elapsed.total_seconds())
        return answer

    def _think(self) -> None:
        self._stop.wait(self._chance.uniform(*THINKING))

    def _one_of(self, links: list[str]) -> str | None:
        return self._chance.choice(links) if links else None
