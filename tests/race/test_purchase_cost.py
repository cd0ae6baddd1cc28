"""What a purchase asks of services and databases, so that nobody makes it dearer unseen.

A purchase is the six requests of a shopper who goes straight through (tests/purchase.py). Counts
are the same on every machine; `make bench` has the CPU time. What is kept for some seconds for all
shoppers is left out: whether it is asked for depends on the clock. The fewest of a few tries count.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.tests.metrics_server import scrape
from tests import purchase
from tests.faults import goods
from tests.faults.client import Client
from tests.faults.observer import Observer
from tests.purchase import NotPlaced
from tests.shop import Shop
from tests.statement_log import frozen, logged

TRIES = 5
LONGEST_SECONDS = 60.0
# Kept for seconds: what the checkout offers, the navigation, and what they and prices read.
KEPT_VIEWS = {
    f"view={n}" for n in ("shipping-methods", "payment-methods", "countries", "categories")
}
KEPT_READS = re.compile(r'FROM "(pricing_|shop_)|WITH visible AS')
ANSWERS = "django_http_responses_total_by_status_view_method_total"
SERVICES = ("order_service", "product_service")
# To order_service: a quote for the review page, and the order. To product_service: the product that
# is added, its prices for the review page and for the order, stock held and committed.
MOST_REQUESTS = {"order_service": 2, "product_service": 5}
# In the storefront one to add, two at each step, three to review and seven to place; in
# order_service the one that places; in product_service the product, then its prices twice.
MOST_STATEMENTS = {"storefront": 17, "order_service": 1, "product_service": 3}


@pytest.fixture(scope="module")
def buy(shop: Shop) -> Callable[[], bool]:
    """Buys once, as far as an order that is placed; False where the shop was too busy."""
    goods.stock_up(shop.products_database, hot={})
    numbers = itertools.count()

    async def once() -> bool:
        client, number = Client(shop.url, timeout_seconds=LONGEST_SECONDS), next(numbers)
        with contextlib.closing(client), contextlib.suppress(NotPlaced):
            await purchase.buy(client, goods.name(number), email=f"cost-{number}@example.org")
            return True
        return False

    return lambda: asyncio.run(once())


def unshared_share(pid: int) -> float:
    """How much of the memory that a process uses is its own alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(size.split()[0]) for name, _, size in (x.partition(":") for x in lines)}
    return sizes["Private_Dirty"] / sizes["Rss"]


def answered(shop: Shop) -> Counter[str]:
    """Requests that each service has answered so far, probes and what is kept left out."""
    count: Counter[str] = Counter()
    for service in SERVICES:
        for (name, *labels), value in scrape(shop.ports[f"{service}-metrics"]).items():
            if name == ANSWERS and not KEPT_VIEWS.intersection(labels):
                count[service] += int(value)
    return count


def test_children_of_the_worker_share_most_of_what_they_use(
    shop: Shop, buy: Callable[[], bool]
) -> None:
    """They were forked with all of it imported, and no collection writes to it."""
    buy()
    assert Observer(shop.orders_database).drain(LONGEST_SECONDS) is not None
    shares = [unshared_share(pid) for pid in shop.members["order-worker"].children()]
    assert len(shares) == 2
    assert max(shares) < 0.5


def test_requests_between_services_until_an_order_is_confirmed(
    shop: Shop, buy: Callable[[], bool]
) -> None:
    observer, counts = Observer(shop.orders_database), []
    for _ in range(TRIES):
        before = answered(shop)
        if buy():
            assert observer.decide(LONGEST_SECONDS) is not None
            counts.append(answered(shop) - before)
    assert min(counts, key=Counter.total) <= Counter(MOST_REQUESTS), counts


def test_statements_until_an_order_is_placed(shop: Shop, buy: Callable[[], bool]) -> None:
    counts = []
    with frozen(shop), logged(shop) as log:
        for _ in range(TRIES):
            log.statements()
            if buy():
                asked = [each for each in log.statements() if not KEPT_READS.search(each[1])]
                counts.append(Counter(database for database, _ in asked))
    assert Observer(shop.orders_database).decide(LONGEST_SECONDS) is not None
    assert min(counts, key=Counter.total) <= Counter(MOST_STATEMENTS), counts
