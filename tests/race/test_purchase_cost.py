"""What a purchase asks of services and databases, so that nobody makes it dearer unseen.

A purchase is the six requests of a shopper who goes straight through (tests/purchase.py). Counts
are the same on every machine; `make bench` has the CPU time. The fewest of a few tries count: one
may meet a new connection, or an answer that was kept for a while and has just grown too old.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from chassis.tests.metrics_server import scrape, total
from tests import purchase
from tests.faults import goods
from tests.faults.client import Client
from tests.faults.observer import Observer
from tests.shop import Shop
from tests.statement_log import frozen, logged

TRIES = 4
LONGEST_SECONDS = 60.0
ANSWERS = "django_http_responses_total_by_status_view_method_total"
SERVICES = ("order_service", "product_service")
# To order_service: a quote for each of contact, delivery, payment and review, and the order. To
# product_service: the product that is added, prices for each of those five, stock held, committed.
MOST_REQUESTS = {"order_service": 5, "product_service": 8}
# In the storefront cart, session and attempt, read and written at each step; in order_service the
# order with its key, line, delivery and event; in product_service the product, then prices.
MOST_STATEMENTS = {"storefront": 33, "order_service": 7, "product_service": 6}


@pytest.fixture(scope="module")
def buy(shop: Shop) -> Callable[[], None]:
    """Buys once, as far as an order that is placed."""
    goods.stock_up(shop.products_database, hot={})
    numbers = iter(range(1000))

    async def once() -> None:
        client = Client(shop.url, timeout_seconds=LONGEST_SECONDS)
        number = next(numbers)
        await purchase.buy(client, goods.name(number), email=f"cost-{number}@example.org")
        client.close()

    return lambda: asyncio.run(once())


def answered(shop: Shop) -> Counter[str]:
    """Requests that each service has answered so far, probes left out."""
    return Counter(
        {name: int(total(scrape(shop.ports[f"{name}-metrics"]), ANSWERS)) for name in SERVICES}
    )


def test_requests_between_services_until_an_order_is_confirmed(
    shop: Shop, buy: Callable[[], None]
) -> None:
    observer, tries = Observer(shop.orders_database), []
    for _ in range(TRIES):
        before = answered(shop)
        buy()
        assert observer.decide(LONGEST_SECONDS) is not None
        tries.append(answered(shop) - before)
    assert min(tries, key=Counter.total) <= Counter(MOST_REQUESTS), tries


def test_statements_until_an_order_is_placed(shop: Shop, buy: Callable[[], None]) -> None:
    with frozen(shop), logged(shop) as log:
        tries = []
        for _ in range(TRIES):
            log.count()
            buy()
            tries.append(log.count())
    assert Observer(shop.orders_database).decide(LONGEST_SECONDS) is not None
    assert min(tries, key=Counter.total) <= Counter(MOST_STATEMENTS), tries
