"""An update without a pause: two versions of the shop share databases, queues and shoppers.

The version before is the last release that lacks migrations of today; see `BEFORE`. Orders are
placed with one and looked at, cancelled and paid with the other, because every request is a
connection of its own and goes to the next process. What is shown: no request fails but with what
the shop promises while it is busy (503 and 409, to be repeated), and the books agree.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import requests

from deploy.local.traffic.shopper import CONFIRMED, NO_ANSWER, ORDERS, Tally
from deploy.local.traffic.shopper import Shopper as Visitor
from tests.faults.client import Tokens
from tests.faults.journal import Journal
from tests.faults.observer import Observer
from tests.faults.run import audit
from tests.faults.shoppers import Shop, Shopper
from tests.slow.two_versions import TwoVersions

# Without orders 0005-0017, pricing, shop, catalogue 0003-0010 and cart 0004-0006. Take a newer one
# when those are history and there are others.
BEFORE = "6932e8524e1d2b71a4ba2a94d5ff9af1be97b637"
SHOPPERS, VISITORS = 8, 6
ORDERS_A_PHASE = 25
PHASE_SECONDS = 180.0  # a busy machine takes long
DRAIN_SECONDS = 60.0
PROMISED = {202, 409, 429, 503}
CANCELLED_BY_FORMER = """
SELECT o.number FROM orders_order o JOIN orders_orderevent e ON e.order_id = o.id
WHERE e.to_state = 'cancelled' AND e.at < %s
"""


class Restless(Shopper):
    """Every request on a connection of its own."""

    def _headers(self, key: str | None = None) -> dict[str, str]:
        return {**super()._headers(key), "Connection": "close"}


class RestlessVisitor(Visitor):
    """Likewise, and notes every page that failed and does not say when to come back."""

    def __init__(self, shop: str, tally: Tally, stop: threading.Event, seed: str) -> None:
        super().__init__(shop, tally, stop, seed)
        self.failed: list[str] = []
        self.put_off = 0

    def _request(
        self, method: str, path: str, data: dict[str, str] | None = None
    ) -> requests.Response:
        self._session.headers["Connection"] = "close"
        answer = super()._request(method, path, data)
        for each in (*answer.history, answer):
            is_promised = each.status_code == 503 and "Retry-After" in each.headers
            self.put_off += is_promised
            if each.status_code >= 500 and not is_promised:
                self.failed.append(f"{each.status_code} {method} {each.url} {_title(each.text)}")
        return answer


class Crowd:
    """Shoppers of the API and of the pages, all the time."""

    def __init__(self, system: TwoVersions, journal: Journal) -> None:
        self.journal, self.pages = journal, Tally()
        self._stop = threading.Event()
        shop = Shop(system.shop_url, Tokens(system.secrets["STOREFRONT_SIGNING_KEY"]), journal)
        shoppers = [Restless(shop, 12, number) for number in range(SHOPPERS)]
        self._visitors = [
            RestlessVisitor(system.storefront_url, self.pages, self._stop, f"12-{number}")
            for number in range(VISITORS)
        ]
        runs: list[Callable[[], None]] = [lambda: asyncio.run(self._buy(shoppers))]
        runs += [each.run for each in self._visitors]
        self._threads = [threading.Thread(target=each) for each in runs]

    def __enter__(self) -> Crowd:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def failed_pages(self) -> list[str]:
        return [page for each in self._visitors for page in each.failed]

    def put_off(self) -> int:
        """Pages with which a busy shop asks to come back."""
        return sum(each.put_off for each in self._visitors)

    def buys(self, phase: str) -> None:
        """Wait until so many more orders were placed, both ways."""
        orders, bought = len(self.journal.numbers()), self.pages[ORDERS]
        began = time.monotonic()
        while time.monotonic() - began < PHASE_SECONDS:
            broken = [*self.journal.of("wrong"), *self.failed_pages()]
            assert broken == [], f"{phase}: {broken[0]}"
            placed = len(self.journal.numbers()) - orders, self.pages[ORDERS] - bought
            if placed[0] >= ORDERS_A_PHASE and placed[1] >= 5:
                print(
                    f"{phase}: {placed[0]} + {placed[1]} orders, {time.monotonic() - began:.0f} s"
                )
                return
            time.sleep(0.1)
        raise AssertionError(f"{phase}: {placed} orders after {PHASE_SECONDS:.0f} s")

    async def _buy(self, shoppers: list[Restless]) -> None:
        closing = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for each in shoppers:
                group.create_task(each.run(closing))
            await asyncio.to_thread(self._stop.wait)
            closing.set()
        for each in shoppers:
            await each.look_at_all()


@pytest.fixture
def system() -> Iterator[TwoVersions]:
    try:
        made = TwoVersions(BEFORE)
    except LookupError as error:
        pytest.fail(str(error))
    with made as system:
        yield system


def test_an_update_at_work_fails_no_request_and_loses_no_order(
    system: TwoVersions, tmp_path: Path
) -> None:
    began = time.monotonic()
    journal = Journal(tmp_path / "journal.jsonl")
    with Crowd(system, journal) as crowd:
        crowd.buys("the version before alone")
        tries = system.migrate()
        print(f"migrated in {tries} tries under orders")
        assert set(system.former_still_starts().values()) == {200}
        crowd.buys("the version before on the new schema")
        system.begin_new()
        before = system.answered()
        crowd.buys("side by side")
        shares = {name: count - before[name] for name, count in system.answered().items()}
        system.end_former()
        former_ended = datetime.now(UTC)
        crowd.buys("the new version alone")
    drained = Observer(system.orders_database).drain(DRAIN_SECONDS)
    journal.close()

    statuses = Counter(entry["status"] for entry in journal.of("asked"))
    print(f"placing: {dict(statuses)}; connections side by side: {shares}")
    print(f"pages: {crowd.pages.line()}; {crowd.put_off()} asked to come back")
    print(
        f"{len(journal.numbers())} orders, drained in {drained} s; {time.monotonic() - began:.0f} s"
    )
    assert min(shares.values()) > 10, shares  # or they did not work side by side
    assert crowd.pages[CONFIRMED] > 0
    assert drained is not None
    assert set(statuses) <= PROMISED
    assert crowd.failed_pages() == []  # the journal's wrong answers are told by the audit
    assert crowd.pages[NO_ANSWER] == 0
    with contextlib.closing(psycopg.connect(system.orders_database)) as orders:
        told_nothing = {n for (n,) in orders.execute(CANCELLED_BY_FORMER, [former_ended])}
    found = [
        each for each in audit(system, journal.path, owner="") if not _is_known(each, told_nothing)
    ]
    assert found == []


def _title(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return found[1].strip() if found else page[:200]


def _is_known(violation: str, told_nothing: set[str]) -> bool:
    """The version before sends no mail about a cancelled order; see orders 0005."""
    is_mail = violation.startswith("I10 no mail") or "mails=0" in violation
    return is_mail and any(number in violation for number in told_nothing)
