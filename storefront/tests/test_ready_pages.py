"""Pages from ready bytes are never older than their catalogue, and cannot fill the memory."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import Settings

from storefront.ready import shelves
from storefront.ready.shelves import Kept, Shelf
from storefront.tests.failing import fail
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Reply, Request, Stub

QUESTION = "/v1/catalogue/version"
PAGES = ("/", "/c/laptops/", "/p/nordlicht-14/", "/products/", "/search/?q=nordlicht")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass, and none by itself; a version is asked for as seldom as in production."""
    monkeypatch.setattr("storefront.catalogue_version.ASK_SECONDS", 1.0)
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def asked(product_service: Stub) -> Counter[str]:
    """How often for what since the last look."""
    found = Counter(one.path for one in product_service.requests)
    product_service.requests.clear()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_made_once_and_its_version_asked_for_once_a_second(
    shopper: Shopper, product_service: Stub, path: str, later: Callable[[float], None]
) -> None:
    shopper.open(path)
    assert asked(product_service)[QUESTION] == 1
    for _ in range(20):
        shopper.open(path)
        later(0.04)
    assert asked(product_service) == {}
    later(0.3)
    for _ in range(5):
        shopper.open(path)
    assert asked(product_service) == {QUESTION: 1}


def change_price(catalogue: Catalogue) -> str:
    catalogue.variant("NL14-G-256").price = "1049.00"
    return "€1,049.00"


def sell_out(catalogue: Catalogue) -> str:
    for item in catalogue.items[:3]:
        for variant in item.variants:
            variant.available = 0
    return "Sold out"


def rename(catalogue: Catalogue) -> str:
    catalogue.items[0].name = "Nordlicht 14 Neo"
    return "Nordlicht 14 Neo"


def rename_category(catalogue: Catalogue) -> str:
    catalogue.names["laptops"] = "Notebooks"
    return "Notebooks"


@pytest.mark.parametrize("change", [change_price, sell_out, rename, rename_category])
def test_a_change_is_on_every_page_a_second_later(
    shopper: Shopper,
    catalogue: Catalogue,
    change: Callable[[Catalogue], str],
    later: Callable[[float], None],
) -> None:
    for path in PAGES:
        shopper.open(path)
    news = change(catalogue)
    later(1.01)
    for path in PAGES:
        assert news in shopper.open(path), path
    if change is sell_out:
        page = shopper.open("/p/nordlicht-14/")
        assert "This version is sold out." in page
        assert 'type="submit" disabled' in page


def test_a_page_of_an_older_answer_is_shown_once_and_not_kept(
    shopper: Shopper, catalogue: Catalogue, product_service: Stub
) -> None:
    """A process of product_service repeats an answer for a second after another's change."""
    old = catalogue.answer(Request("GET", "/v1/products/takt-keys", {}, {}, None))
    catalogue.variant("TK-1").price = "25.00"
    repeats = [True]

    def answer(request: Request) -> Reply:
        is_old = repeats[0] and request.path == "/v1/products/takt-keys"
        return replace(old) if is_old else catalogue.answer(request)

    product_service.answer = answer
    assert "€20.00" in shopper.open("/p/takt-keys/")
    repeats[0] = False
    assert "€25.00" in shopper.open("/p/takt-keys/")


def test_without_news_of_a_change_a_page_is_made_again_some_seconds_later(
    shopper: Shopper, product_service: Stub, later: Callable[[float], None]
) -> None:
    shopper.open("/p/takt-keys/")
    asked(product_service)
    later(shelves.KEPT_SECONDS + 0.1)
    shopper.open("/p/takt-keys/")
    assert asked(product_service)["/v1/products/takt-keys"] == 1


@pytest.mark.parametrize("version", ["header", "question"])
def test_with_a_product_service_that_has_no_versions_every_page_is_made_anew(
    shopper: Shopper, catalogue: Catalogue, product_service: Stub, version: str
) -> None:
    def answer(request: Request) -> Reply:
        reply = catalogue.answer(request)
        if request.path == QUESTION:
            return Reply(body={"version": None}) if version == "question" else reply
        return replace(reply, headers={}) if version == "header" else reply

    product_service.answer = answer
    for _ in range(3):
        assert shopper.open("/p/takt-keys/").status == 200
    assert asked(product_service)["/v1/products/takt-keys"] == 3


def test_while_product_service_is_away_pages_are_marked_and_not_kept(
    shopper: Shopper, product_service: Stub, settings: Settings, later: Callable[[float], None]
) -> None:
    before = shopper.open("/p/takt-keys/").html
    fail(product_service, "broken", settings)
    later(1.01)
    for _ in range(2):
        assert "You’re viewing a copy saved at" in shopper.open("/p/takt-keys/")
    product_service.fault = ""
    later(1.01)
    assert "You’re viewing a copy saved at" not in shopper.open("/p/takt-keys/")
    assert "You’re viewing a copy saved at" not in before


@pytest.mark.parametrize(
    ("path", "unread"),
    [
        ("/", "page=7&q=x&sku=TK-1&sort=price"),
        ("/c/headphones/", "utm_source=mail&sku=TK-1"),
        ("/c/headphones/?sort=price", "page=1&fbclid=abc"),
        ("/p/takt-keys/", "page=2&sort=price"),
        ("/search/?q=hall", "utm_campaign=%F0%9F%98%80"),
    ],
)
def test_what_a_page_does_not_read_of_its_address_makes_no_page_of_its_own(
    shopper: Shopper, product_service: Stub, path: str, unread: str
) -> None:
    shopper.open(path)
    asked(product_service)
    page = shopper.open(f"{path}{'&' if '?' in path else '?'}{unread}")
    assert page.status == 200
    assert asked(product_service) == {QUESTION: 1}


@pytest.mark.parametrize(
    "path",
    [
        *("/c/headphones/?sort=price", "/c/headphones/?page=2", "/c/headphones/?in_stock=1"),
        *("/p/nordlicht-14/?sku=NL14-G-512", "/search/?q=hall&page=2", "/search/?q=Hall"),
    ],
)
def test_what_a_page_reads_of_its_address_is_another_page(shopper: Shopper, path: str) -> None:
    other = path.partition("?")[0] + ("?q=hall" if "search" in path else "")
    first, mine, again = (_content(shopper.open(each).html) for each in (other, path, other))
    assert first == again != mine


def _content(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", main)


NONSENSE = (
    *("/?{}=1", "/c/headphones/?x={}", "/p/takt-keys/?sku={}", "/p/takt-keys/?{}"),
    *("/p/none-{}/", "/c/none-{}/", "/c/headphones/?page=9{}", "/c/headphones/?sort={}"),
    *("/search/?q=nothing-like-{}", "/search/?page={}", "/products/?in_stock=yes-{}"),
)


def test_nonsense_in_addresses_pushes_out_no_page(
    shopper: Shopper, product_service: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "_others", Shelf(100_000))
    monkeypatch.setattr(shelves, "_searches", Shelf(24_000))
    paths = ("/", "/c/headphones/", "/p/takt-keys/", "/search/?q=kolibri")
    for path in paths:
        shopper.open(path)
    for number in range(4):
        for address in NONSENSE:
            shopper.open(address.format(number))
    asked(product_service)
    shopper.open(paths[3])
    assert asked(product_service) == {QUESTION: 1}
    for number in range(1, 7):  # searches that find something push out searches alone
        shopper.open(f"/search/?q=kolibri+{number}")
    asked(product_service)
    for path in paths[:3]:
        shopper.open(path)
    assert asked(product_service) == {QUESTION: 3}


def test_a_shelf_never_holds_more_than_its_bytes_and_drops_what_was_used_longest_ago() -> None:
    def kept(version: str = "1") -> Kept:
        return Kept((b"x" * (10_000 - shelves.OVERHEAD_BYTES),), {}, None, "", version)

    shelf = Shelf(35_000)
    keys = [("http", "system", f"/p/{number}/", ()) for number in range(5)]
    for key in keys[:3]:
        shelf.keep(key, kept())
    shelf.keep(keys[0], kept())  # again: counted once
    assert shelf.find(keys[1], "1")
    shelf.keep(keys[3], kept())
    assert [shelf.find(key, "1") is not None for key in keys[:4]] == [True, True, False, True]
    shelf.keep(keys[4], kept("2"))  # another version: all others are of no use
    assert [shelf.find(key, "1") for key in keys[:4]] == [None] * 4
    assert shelf.find(keys[4], "2")
    assert shelf._bytes == 10_000


@pytest.mark.parametrize("path", ["/p/none/", "/c/none/", "/c/headphones/?sort=x", "/p/takt-keys"])
def test_only_pages_are_kept(path: str, db: None) -> None:
    for _ in range(2):
        assert Client().get(path).status_code in {301, 400, 404}
    assert not shelves._others._pages
