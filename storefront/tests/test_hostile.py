"""Whatever a client sends to whatever route: a page or a refusal, never a 5xx."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from storefront.tests.routes import FIELDS, PATHS
from storefront.tests.shopper import ADDRESS, Shopper
from storefront.tests.stubs.orders import Orders
from tests.effort import TURN, share

# Of a path: what was sent, and the status of the answer.
Answers = Callable[[str], Iterator[tuple[str, int]]]
Bad = Callable[[Iterable[str], Answers], list[tuple[str, str, int]]]

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
COOKIES = {
    "session": ("", "x", "x" * 4000, "äöü€", '"aaaaaaaaaa\\000"', "../../etc/passwd", "a" * 32),
    "guest": ("", ":::", '"a:b:c"', "ä:ö:ü", "x" * 4000, '"\\000:a:b"', "ImEi:1abc:" + "A" * 43),
    "notices": ("", "[[]]", "x:y", "ä" * 100, '"\\000"', "W10:1abc:" + "A" * 43),
    "csrf": ("", "x", "ä" * 32, '"\\000"', "x" * 4000),
    "basket": ("", "-1", "²", "٣", "9" * 5000, "<b>"),
    "theme": ("", "pink", "<script>", '"\\000"'),
}
# Every cookie is read by at least two of them; all other routes read them in the same middleware.
READING_COOKIES = ("home", "cart", "cart_add", "checkout_review", "look_up", "order", "theme")
QUERIES = (
    "x" * 8000,
    "q=" + "x" * 8000,
    "q=%00",
    "q=%ff%fe",
    "q=%ED%A0%80",
    "q=%F0%9F%92%A9+%E2%80%AE",
    "q=%28%29%26%7C%21%3A*%27%22%5C",
    "&".join(f"p{number}=1" for number in range(2000)),
    "page=1&page=2&sort=&sort=name",
    "page=" + "9" * 5000,
    "page=%D9%A3",
    "in_stock=%00",
    "sku=" + "x" * 8000,
    "sku=%0d%0aSet-Cookie:%20a=b",
    "token=" + "A" * 43,
    "token=%0d%0a",
    "number=%0d%0a" + "x" * 8000,
    "%",
    "=&=&&",
)
HEADERS: tuple[dict[str, str], ...] = (
    {"If-None-Match": "*"},
    {"If-None-Match": '"' + "x" * 8000},
    {"If-None-Match": 'W/"ä", "", ,,'},
    {"If-Modified-Since": "yesterday"},
    {"Accept": "ä", "Accept-Encoding": "ä", "Accept-Language": "x" * 8000},
    {"X-Request-ID": "\u00e4\t<script>"},
    {"X-Forwarded-Proto": "gopher", "X-Forwarded-For": "ä", "Forwarded": "for=ä"},
    {"Origin": "null", "Referer": "::::"},
    {"Origin": "http://[", "Referer": "http://["},
    {"Range": "bytes=9-1"},
    {"HX-Request": "true", "HX-Target": "ä"},
)
STEP = "/checkout/{}/".format
FORMS = {  # the fields of each form, and where it is sent
    PATHS["theme"]: ("theme", "next"),
    PATHS["cart_add"]: ("sku", "quantity", "slug"),
    PATHS["cart_change"]: ("sku", "quantity"),
    PATHS["cart_remove"]: ("sku",),
    PATHS["cart_accept"]: ("sku",),
    STEP("contact"): ("email",),
    STEP("delivery"): tuple(ADDRESS),
    STEP("payment"): ("payment_token",),
    PATHS["checkout_place"]: ("attempt", "content", "tries"),
    PATHS["look_up"]: ("number", "email"),
}
TEXTS = ("", " ", "\0", "a\0b", "ä€💩", "\u202e", "x" * 9000, "[]", "{}", "null")
NUMBERS = ("0", "-1", "1.5", "9" * 5000, "٣", "1e9", "NaN")
PLACES = ("../..", "//evil.example", "http://[", "\r\nX: y")
VALUES = (*TEXTS, *NUMBERS, *PLACES)
# What a field is most likely to stumble over; it gets all of that, and of the rest its share.
APT = {"quantity": NUMBERS, "tries": NUMBERS, "next": PLACES, "sku": TEXTS, "number": TEXTS}
BODIES = (
    (FORM, b""),
    (FORM, b"%"),
    (FORM, b"\x00\xff\xfe"),
    (FORM, b"sku=%ED%A0%80&quantity=%ff"),
    (FORM, b"&".join(b"p%d=1" % number for number in range(2000))),
    (FORM + "; charset=utf-16", b"sku=1"),
    (FORM + "; charset=klingon", b"sku=1"),
    ("multipart/form-data", b"sku=1"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data"),
    ("multipart/form-data; boundary=\xff", b"--x"),
    ("application/json", b'{"sku": ['),
    ("text/plain; charset", b"x"),
    ("", b"x"),
)
NOWHERE = (
    *("/c/ü/", "/c/%ff/", "/p/%C3%BC/", "/p/a%2fb/", "/p/../cart/", "/p//", "/c/a b/"),
    *("/p/" + "x" * 5000 + "/", "/c/" + "x" * 5000 + "/", "/checkout/ü/", "/checkout/dessert/"),
    *("/orders/ü/", "/orders/" + "A" * 20 + "/", "/orders/../", "/orders/----/progress/"),
    *("/media/x.webp", "/media/" + "g" * 64 + ".webp", "/static/../settings.py", "/static/x%00"),
    *("/%00", "/\U0001f4a9/", "/%E2%80%AE/", "/.env", "/cart", "/cart/add"),
)


@pytest.fixture
def client(db: None) -> Client:
    """A browser in the middle of everything: an order, a cart, a checkout, an undo, a notice."""
    client = Client(raise_request_exception=False)
    shopper = Shopper(client)
    shopper.buy()
    shopper.review("TK-1", 2)
    shopper.add("KB-1")
    client.post("/cart/remove/", {"sku": "KB-1"})
    return client


@pytest.fixture
def bad(client: Client, orders: Orders) -> Bad:
    """The answers of 5xx, with each path tried by the browser as it was at first."""

    def try_all(paths: Iterable[str], answers: Answers) -> list[tuple[str, str, int]]:
        found = []
        for path in paths:
            with taken_back(client, orders):
                found += [(path, sent, status) for sent, status in answers(path) if status >= 500]
        return found

    return try_all


@contextmanager
def taken_back(client: Client, orders: Orders) -> Iterator[None]:
    """What a browser does inside is not done afterwards, neither here nor at the order desk."""
    cookies = copy.deepcopy(client.cookies)
    known = copy.deepcopy((orders.by_number, orders.subjects, orders.keys))
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies
    orders.by_number, orders.subjects, orders.keys = known


def usual_method(client: Client, path: str) -> str:
    """POST where a route is there for a form alone, else GET."""
    return "POST" if client.get(path).status_code == 405 else "GET"


def test_every_route_is_tried() -> None:
    patterns = get_resolver().url_patterns
    assert set(PATHS) == {each.name for each in patterns if isinstance(each, URLPattern)}


def test_no_request_breaks_a_route(client: Client, bad: Bad) -> None:
    def answers(path: str) -> Iterator[tuple[str, int]]:
        number = list(PATHS.values()).index(path)
        usual, bare = usual_method(client, path), path.partition("?")[0]
        for visitor, method in itertools.product((Client(), client), METHODS):
            visitor.raise_request_exception = False
            yield method, visitor.generic(method, path).status_code
        for query in share(QUERIES, number):
            yield query[:40], client.get(f"{bare}?{query}").status_code
        for headers in share(HEADERS, number):
            sent = {name: wire(value) for name, value in headers.items()}
            yield str(headers)[:40], client.generic(usual, path, headers=sent).status_code
        for kind, body in share(BODIES, number):
            status = client.generic("POST", path, body, kind).status_code
            yield f"{kind} {body[:40]!r}", status

    assert bad(PATHS.values(), answers) == []


def test_no_cookie_breaks_a_route(client: Client, bad: Bad) -> None:
    own = {name: morsel.value for name, morsel in client.cookies.items()}

    def answers(path: str) -> Iterator[tuple[str, int]]:
        usual = usual_method(client, path)
        number = list(PATHS.values()).index(path) + TURN  # all values meet all routes in time
        for name, values in COOKIES.items():
            for value in share(values, number):
                cookies = own | {f"storefront_{name}": wire(value)}
                header = "; ".join(f"{each}={text}" for each, text in cookies.items())
                response = client.generic(usual, path, headers={"Cookie": header})
                yield f"{name}={value[:40]}", response.status_code

    assert bad((PATHS[route] for route in READING_COOKIES), answers) == []


def test_no_value_breaks_a_form(client: Client, bad: Bad) -> None:
    review = Shopper(client).open("/checkout/review/")
    fields = {**FIELDS, **review.form("/checkout/place/").fields, "tries": "1"}
    numbers = itertools.count()

    def answers(path: str) -> Iterator[tuple[str, int]]:
        for name in FORMS[path]:
            for value in dict.fromkeys((*APT.get(name, ()), *share(VALUES, next(numbers)))):
                sent = {**fields, name: value}
                yield f"{name}={value[:40]}", client.post(path, sent).status_code
            rest = {each: value for each, value in fields.items() if each != name}
            yield f"without {name}", client.post(path, rest).status_code

    assert bad(FORMS, answers) == []


def test_no_address_that_leads_nowhere_breaks(client: Client) -> None:
    answers = ((path[:40], client.get(path).status_code) for path in NOWHERE)
    assert [each for each in answers if not 300 <= each[1] < 500] == []


def wire(text: str) -> str:
    """Text as a WSGI server hands its bytes over."""
    return text.encode().decode("latin-1")
