"""Pages from ready bytes are for everybody, and what is in them of a visitor is only theirs."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import pytest
from django.middleware.csrf import _unmask_cipher_token  # type: ignore[attr-defined]
from django.test import Client

from storefront import catalogue_version
from storefront.ready import shelves
from storefront.tests.shopper import Page, Shopper, quantities
from storefront.tests.stubs.server import Stub

PAGES = ("/", "/c/headphones/", "/p/takt-keys/", "/products/", "/search/?q=hall")
TOKEN = re.compile('name="csrfmiddlewaretoken" value="([^"]*)"')
COUNT = re.compile(r"header__count.*?>, </span>(\d+)<")
NEXT = re.compile('name="next" value="([^"]*)"')
THEME = re.compile('<html lang="en" data-theme="([a-z]*)"')


@pytest.fixture(autouse=True)
def _pages_stay_good_for_the_whole_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_version, "ASK_SECONDS", 3600.0)
    monkeypatch.setattr(catalogue_version, "GOOD_SECONDS", 3600.0)
    monkeypatch.setattr(shelves, "KEPT_SECONDS", 3600.0)


@dataclass
class Visitor:
    """A browser with cookies of its own; `number` 0 to 199 says which."""

    number: int
    client: Client = field(default_factory=Client)
    # Of two first pages at once each brings a secret, and the browser keeps the one of the last.
    one_page_at_a_time: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        if self.secret:
            self.client.cookies["storefront_csrf"] = self.secret
        if self.count:
            self.client.cookies["storefront_basket"] = str(self.count)
        self.client.cookies["storefront_theme"] = self.theme

    @property
    def secret(self) -> str:
        """Every third browser is new here."""
        return f"{self.number:03}" + "s" * 29 if self.number % 3 else ""

    @property
    def count(self) -> int:
        return self.number if self.number % 4 else 0

    @property
    def theme(self) -> str:
        return ("system", "light", "dark")[self.number % 2]

    def look(self, path: str) -> None:
        """Open the page: all that it shows of a visitor is this one's."""
        own = f"{path}{'&' if '?' in path else '?'}from={self.number}"
        with self.one_page_at_a_time:
            response = self.client.get(own)
            secret = self.client.cookies["storefront_csrf"].value
        html = response.content.decode()
        secrets = {_unmask_cipher_token(token) for token in TOKEN.findall(html)}
        assert secrets == {secret}
        assert not self.secret or secrets == {self.secret}
        assert response["Vary"] == "Cookie"
        assert COUNT.findall(html) == ([str(self.count)] if self.count else [])
        assert NEXT.findall(html) == [own.replace("&", "&amp;")]
        assert THEME.findall(html) == [self.theme]


def test_two_hundred_visitors_at_once_see_nothing_of_each_other(
    product_service: Stub, db: None
) -> None:
    visitors = [Visitor(number) for number in range(200)]
    visits = [(visitor, path) for visitor in visitors for path in PAGES]
    random.Random(7).shuffle(visits)
    new = {visitor.number for visitor in visitors if not visitor.secret}
    for path in PAGES:
        for theme in ("system", "light"):
            Client(headers={"Cookie": f"storefront_theme={theme}"}).get(path)
    asked = len(product_service.requests)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda visit: visit[0].look(visit[1]), visits))

    assert len(product_service.requests) == asked  # all of it from ready bytes
    given = {visitors[number].client.cookies["storefront_csrf"].value for number in new}
    assert len(given) == len(new)


@pytest.fixture
def kept(shopper: Shopper, product_service: Stub) -> Iterator[Stub]:
    """Every page was opened before by somebody, and is not made again in the test."""
    for path in PAGES:
        shopper.open(path)
    product_service.requests.clear()
    yield product_service
    assert [one.path for one in product_service.requests if one.path != "/v1/quotes"] == []


def test_the_token_is_another_on_each_page_and_belongs_to_the_same_secret(
    kept: Stub, careful_shopper: Shopper
) -> None:
    pages = [careful_shopper.open("/p/takt-keys/") for _ in range(3)]
    tokens = [TOKEN.findall(page.html) for page in pages]
    assert all(len(each) == 2 and len(set(each)) == 1 for each in tokens)
    assert len({each[0] for each in tokens}) == 3
    secrets = {_unmask_cipher_token(each[0]) for each in tokens}
    assert secrets == {careful_shopper.client.cookies["storefront_csrf"].value}


def test_a_broken_cookie_is_replaced_and_its_token_works(
    kept: Stub, careful_shopper: Shopper
) -> None:
    careful_shopper.client.cookies["storefront_csrf"] = "no secret"
    page = careful_shopper.open("/p/takt-keys/")
    assert careful_shopper.submit(page, "/cart/add/").path == "/cart/"


def test_forms_of_a_kept_page_work(kept: Stub, careful_shopper: Shopper) -> None:
    page = careful_shopper.open("/p/takt-keys/")
    assert careful_shopper.submit(page, "/cart/add/", quantity=3).path == "/cart/"
    assert quantities() == {"TK-1": 3}
    page = careful_shopper.open("/p/takt-keys/")
    assert COUNT.findall(page.html) == ["3"]
    page = careful_shopper.submit(page, "/theme/", theme="dark")
    assert page.response.redirect_chain == [("/p/takt-keys/", 303)]
    assert THEME.findall(page.html) == ["dark"]
    kept.requests.clear()  # the dark page was the first one


def test_the_token_of_another_visitor_is_refused(kept: Stub, careful_shopper: Shopper) -> None:
    other = Shopper(Client(enforce_csrf_checks=True))
    token = TOKEN.findall(other.open("/p/takt-keys/").html)[0]
    page = careful_shopper.open("/p/takt-keys/")
    answer = careful_shopper.submit(page, "/cart/add/", csrfmiddlewaretoken=token)
    assert answer.status == 403


def test_a_notice_is_seen_by_its_visitor_once_and_by_nobody_else(
    shopper: Shopper, product_service: Stub
) -> None:
    def page(of: Shopper) -> Page:
        return of.open("/p/takt-keys/")

    shopper.client.post("/cart/add/", {"sku": "TK-1", "quantity": 1, "slug": "takt-keys"})
    shopper.client.post("/cart/remove/", {"sku": "TK-1"})
    assert "storefront_notices" in shopper.client.cookies
    stranger = Shopper(Client())
    first = page(stranger)
    with_notice = page(shopper)
    assert 'class="notices"' in with_notice
    for without in (first, page(stranger), page(shopper), page(Shopper(Client()))):
        assert 'class="notices"' not in without


def test_a_shopper_in_the_middle_of_everything_gets_the_same_bytes(
    kept: Stub, shopper: Shopper
) -> None:
    shopper.buy()
    shopper.review("TK-1", 2)
    shopper.open("/cart/")  # shows what there was to notice
    kept.requests.clear()
    mine, strange = shopper.open("/p/takt-keys/").html, Client().get("/p/takt-keys/")
    assert COUNT.findall(mine) == ["2"]
    others = strange.content.decode()
    assert COUNT.sub("", TOKEN.sub("", mine)).count("header__count") == 0
    plain = re.sub('<span class="header__count">.*?</span></span>', "", TOKEN.sub("", mine))
    assert plain == TOKEN.sub("", others)


def test_whoever_has_a_secret_is_not_sent_it_again(shopper: Shopper) -> None:
    """It is good for a year; the cart and the checkout renew it."""
    first = shopper.open("/p/takt-keys/").response
    assert first.cookies["storefront_csrf"]["max-age"] == 31449600
    for _ in range(2):
        assert not shopper.open("/p/takt-keys/").response.cookies
    shopper.add("TK-1")
    assert "storefront_csrf" in shopper.open("/cart/").response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_a_kept_page_has_every_header_of_the_first(path: str, db: None) -> None:
    first, again, head = (Client().get(path), Client().get(path), Client().head(path))
    for other in (again, head):
        own = {"X-Request-ID": other["X-Request-ID"]}
        assert dict(other.headers) == {**first.headers, **own}
        assert other["X-Request-ID"] != first["X-Request-ID"]
        cookie, theirs = (each.cookies["storefront_csrf"] for each in (first, other))
        assert {**cookie, "expires": ""} == {**theirs, "expires": ""}
        assert cookie.value != theirs.value
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Vary"] == "Cookie"
    assert int(first["Content-Length"]) == len(again.content)
    assert head.content == b""


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?note=%00", {}, 400),
        ("?" + "&" * 1000, {}, 400),
        ("", {"Host": "evil.example"}, 400),
        ("", {"Content-Length": "70000"}, 413),
        ("", {"Cookie": 'a="\\000"'}, 400),
    ],
)
def test_a_kept_page_is_no_answer_to_what_is_refused(
    kept: Stub, query: str, headers: dict[str, str], status: int
) -> None:
    answer = Client().get(f"/products/{query}", headers=headers)
    assert answer.status_code == status
    assert "Content-Security-Policy" in answer.headers
