"""Shoppers who do to one cart what it takes to pay twice: tabs, double clicks, Back, reloads.

Each thread is a tab of its shopper's browser. What was bought is read from the orders database.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import requests
from requests.adapters import HTTPAdapter

from deploy.scripts.smoke import Page
from tests.faults import goods

TIMEOUT_SECONDS = 20.0
SETTLING_SECONDS = 30.0
BOUGHT = """
SELECT count(DISTINCT o.id), coalesce(sum(l.quantity), 0)::int
FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id WHERE o.email = %s
"""
PLACE = "/checkout/place/"
CHECKING, OUT_OF_DATE = "still checking your order", "That page was out of date"


class Tally:
    """What happened, counted by many threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def __str__(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in sorted(self._counts.items()))


class Shopper:
    """A browser with one cart. `put` is how many pieces were ever put into it."""

    def __init__(self, url: str, email: str, tally: Tally, seed: str) -> None:
        self.email = email
        self.put = 0
        self._url = url
        self._tally = tally
        self._chance = random.Random(seed)
        self._browser = requests.Session()
        self._browser.mount(url, HTTPAdapter(pool_maxsize=16))
        self._token = ""

    def fill(self, sku: str) -> None:
        """Put one piece into the cart and go through the checkout up to its last page."""
        form = Page(self._browser.get(f"{self._url}/p/{sku.lower()}/").text).form("/cart/add/")
        assert form is not None
        self._token = form.fields["csrfmiddlewaretoken"]
        self._put(sku)
        self._step("/checkout/contact/", email=self.email)
        self._step("/checkout/delivery/", **goods.ADDRESS, shipping_method="standard")
        self._step("/checkout/payment/", payment_token="tok_approve")

    def fill_again(self, sku: str) -> None:
        """The same once more; the shop still knows where the parcel goes."""
        self._put(sku)
        self._step("/checkout/payment/", payment_token="tok_approve")

    def tabs(self, more: str) -> list[str]:
        """Review pages that are open side by side; some of them after a change to the order."""
        pages = [self._review()]
        for _ in range(self._chance.randint(1, 4)):
            change = self._chance.choice(("nothing", "nothing", "nothing", "address", "product"))
            if change == "address":
                moved = {**goods.ADDRESS, "city": f"Town {self._chance.randint(1, 99)}"}
                self._step("/checkout/delivery/", **moved, shipping_method="standard")
            elif change == "product":
                self._put(more)
            pages.append(self._review())
        return pages

    def acts(self, pages: list[str]) -> list[Callable[[], None]]:
        """What each tab does when everybody does something. The newest page is always paid:
        reloads alone would send no order."""
        *older, newest = pages
        choices = (self._pay, self._pay, self._double, self._back, self._reload)
        chosen = [partial(self._chance.choice(choices), page) for page in older]
        return [*chosen, partial(self._pay, newest)]

    def settle(self) -> None:
        """Pay until the cart is empty, as a patient shopper does."""
        until = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < until:
            page = self._review()
            if "Your cart is empty" in page:
                return
            self._press(page)
            time.sleep(0.05)  # a shop that is still coming back answers at once that it is away
        said = " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())
        raise AssertionError(f"the cart of {self.email} cannot be bought: {said[:600]}")

    def _pay(self, page: str) -> None:
        """Press the button, and after "still checking" go round by the cart and press again."""
        answer = self._press(page)
        if answer is not None and answer.status_code == 503:
            self._open("/cart/")
            self._press(self._review())

    def _double(self, page: str) -> None:
        with ThreadPoolExecutor(2) as clicks:
            list(clicks.map(self._press, [page, page]))

    def _back(self, page: str) -> None:
        """Leave while the request is under way, and press again."""
        self._press(page, patience_seconds=self._chance.uniform(0.01, 0.2))
        self._press(page)

    def _reload(self, page: str) -> None:
        self._press(self._review())

    def _press(
        self, page: str, patience_seconds: float = TIMEOUT_SECONDS
    ) -> requests.Response | None:
        form = Page(page).form(PLACE)
        if form is None:
            return None
        self._tally.add("presses")
        answer = self._open(PLACE, form.fields, patience_seconds)
        if "/orders/TC-" in answer.url:
            self._tally.add("pages of an order")
        return answer

    def _review(self) -> str:
        return self._open("/checkout/review/").text

    def _put(self, sku: str) -> None:
        self._send("/cart/add/", sku=sku, quantity="1")
        self.put += 1

    def _step(self, path: str, **fields: str) -> None:
        """Fill in a step of the checkout until it is accepted, and leads to the next one.

        While order_service is away, as after the trouble of the round before, it leads back to
        itself.
        """
        until = time.monotonic() + SETTLING_SECONDS
        while self._send(path, **fields) == path:
            assert time.monotonic() < until, f"{path} is not accepted"
            time.sleep(0.05)

    def _send(self, path: str, **fields: str) -> str:
        """Fill in a form; gives where its answer leads, which is not looked at."""
        data = {**fields, "csrfmiddlewaretoken": self._token}
        answer = self._browser.post(
            self._url + path, data=data, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def _open(
        self,
        path: str,
        fields: dict[str, str] | None = None,
        patience_seconds: float = TIMEOUT_SECONDS,
    ) -> requests.Response:
        """The page that comes in the end; an empty one if nothing came."""
        method = "GET" if fields is None else "POST"
        try:
            answer = self._browser.request(
                method, self._url + path, data=fields, timeout=patience_seconds
            )
        except requests.RequestException:
            self._tally.add("without an answer")
            answer = requests.Response()
            answer.url = path
        if answer.status_code == 503:
            self._tally.add("pages of 503")
        for said in (CHECKING, OUT_OF_DATE):
            if said in answer.text:
                self._tally.add(f'pages with "{said}"')
        assert answer.status_code != 500, answer.text
        return answer


def all_at_once(shoppers: Iterable[Shopper], more: str) -> Callable[[], None]:
    """Opens the tabs of every shopper; gives what lets all of them act in the same moment."""
    with ThreadPoolExecutor(8) as openers:
        pages = openers.map(lambda each: (each, each.tabs(more)), shoppers)
        acts = [act for shopper, tabs in pages for act in shopper.acts(tabs)]

    def act() -> None:
        together = threading.Barrier(len(acts))

        def one(what: Callable[[], None]) -> None:
            together.wait()
            what()

        with ThreadPoolExecutor(len(acts)) as tabs:
            list(tabs.map(one, acts))

    return act


def each(shoppers: Iterable[Shopper], do: Callable[[Shopper], object]) -> None:
    with ThreadPoolExecutor(8) as hands:
        list(hands.map(do, shoppers))


def bought(database: str, shopper: Shopper) -> tuple[int, int]:
    """How many orders a shopper has, and of how many pieces."""
    with contextlib.closing(psycopg.connect(database)) as connection:
        row = connection.execute(BOUGHT, [shopper.email]).fetchone()
    assert row is not None
    return row[0], row[1]
