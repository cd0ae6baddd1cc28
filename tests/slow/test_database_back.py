"""A database that took no connections for a while is soon forgotten when it takes them again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import psycopg
import pytest
import requests

from deploy.local.traffic.shopper import CONTACT, DELIVERY
from deploy.scripts.smoke import Page
from tests.shop import Shop

TIMES = 3
STOPPED_SECONDS = 5.0
WATCHED_SECONDS = 4.0
AGAIN_SECONDS = 1.0  # half a second of an open breaker, and a busy machine
SHOPPERS = 6
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'product_service'"
STEPS = {"contact": CONTACT, "delivery": DELIVERY, "payment": {"payment_token": "tok_approve"}}


def reaches_the_review(shop: str, product: str) -> bool:
    """Whether a new guest comes from a product to the page with the button that buys it."""
    with requests.Session() as session:

        def send(path: str, form_at: str, action: str, **values: str) -> Page:
            form = Page(session.get(urljoin(shop, form_at), timeout=20).text).form(action)
            if form is None:
                return Page("")
            chosen = {name: options[0] for name, options in form.offered.items()}
            data = {**form.fields, **chosen, **values}
            return Page(session.post(urljoin(shop, path), data=data, timeout=20).text)

        page = send("/cart/add/", product, "/cart/add/")
        for name, values in STEPS.items():
            page = send(f"/checkout/{name}/", f"/checkout/{name}/", "", **values)
        return page.form("/checkout/place/") is not None


@contextmanager
def accepting_nobody(shop: Shop) -> Iterator[None]:
    """Connects to PostgreSQL hang, and product_service has lost those that it had."""
    server = shop.members["postgres"].process.pid
    with psycopg.connect(shop.server_database, autocommit=True) as connection:
        os.kill(server, signal.SIGSTOP)
        try:
            connection.execute(CUT)
            yield
        finally:
            os.kill(server, signal.SIGCONT)


@pytest.fixture
def product(shop: Shop) -> str:
    """The address of a product that is left."""
    links = dict.fromkeys(Page(requests.get(shop.url, timeout=20).text).links_to("/p/"))
    return next(each for each in links if reaches_the_review(shop.url, each))


def test_purchases_reach_the_review_soon_after_the_database_is_back(
    shop: Shop, product: str
) -> None:
    """Three times, for where in its pause a breaker stands at the return is chance."""
    for _ in range(TIMES):
        assert [
            began for began in failures_after_a_stop(shop, product) if began > AGAIN_SECONDS
        ] == []


def failures_after_a_stop(shop: Shop, product: str) -> list[float]:
    """When the purchases began that did not reach the review, in seconds after the return."""
    tries: list[tuple[float, bool]] = []
    ends_at = time.monotonic() + STOPPED_SECONDS + WATCHED_SECONDS

    def visit() -> None:
        while (began := time.monotonic()) < ends_at:
            tries.append((began, reaches_the_review(shop.url, product)))

    visitors = [threading.Thread(target=visit) for _ in range(SHOPPERS)]
    with accepting_nobody(shop):
        for each in visitors:
            each.start()
        time.sleep(STOPPED_SECONDS)
    back_at = time.monotonic()
    for each in visitors:
        each.join()
    assert any(is_good for began, is_good in tries if began > back_at)
    return [began - back_at for began, is_good in tries if not is_good]
