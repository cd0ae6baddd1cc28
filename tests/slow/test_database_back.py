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

from deploy.local.traffic.pages import Page
from deploy.local.traffic.shopper import CONTACT, DELIVERY
from tests.shop import Shop

STOPPED_SECONDS = 6.0
AGAIN_SECONDS = 1.5  # half a second of an open breaker, and a busy machine
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
            chosen = {name: options[0] for name, options in form.choices.items()}
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
    is_over = threading.Event()

    def visit() -> None:
        while not is_over.is_set():
            reaches_the_review(shop.url, product)

    visitors = [threading.Thread(target=visit) for _ in range(SHOPPERS)]
    with accepting_nobody(shop):
        for each in visitors:
            each.start()
        time.sleep(STOPPED_SECONDS)
        assert not reaches_the_review(shop.url, product)
        is_over.set()
    time.sleep(AGAIN_SECONDS)
    reached = [reaches_the_review(shop.url, product) for _ in range(5)]
    for each in visitors:
        each.join()
    assert reached == [True] * 5
