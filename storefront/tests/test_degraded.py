"""Each backend dead, slow or wrong in turn: every page answers in time with a defined result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from pytest_django import Settings

from storefront import last_known
from storefront.budget import LEAST_SECONDS, PAGE_SECONDS
from storefront.tests.failing import fail
from storefront.tests.routes import FIELDS, NUMBER, PATHS
from storefront.tests.shopper import Page, Shopper
from storefront.tests.stubs.orders import link_token
from storefront.tests.stubs.server import PATIENCE_SECONDS, Stub
from tests.idling import session_ended_by_the_server

FAULTS = ["refused", "dead", "slow", "wrong", "broken"]
InTime = Callable[..., Page]


def test_the_budget_of_a_page_is_the_promise() -> None:
    assert PAGE_SECONDS < 2.0


def each_fault(*cases: tuple[str, int]) -> list[tuple[str, int, str]]:
    """Every fault for every (path, status); slow ones take long, so for two of the paths only."""
    return [
        (path, status, fault)
        for number, (path, status) in enumerate(cases)
        for fault in FAULTS
        if fault != "slow" or number < 2
    ]


@pytest.fixture
def in_time(shopper: Shopper, deadlines: list[float]) -> InTime:
    """The page itself, without following redirects.

    A slow service answers long after PATIENCE_SECONDS. What a page waits for it is the sum of the
    deadlines, however busy this machine is.
    """

    def answer(path: str, of: Shopper = shopper, **fields: str) -> Page:
        deadlines.clear()
        started = time.monotonic()
        page = Page(of.client.post(path, fields) if fields else of.client.get(path))
        # Without a slow service there is nothing to wait for.
        limit = PATIENCE_SECONDS if deadlines else 10.0
        assert time.monotonic() - started < limit
        assert sum(deadlines) <= PAGE_SECONDS + LEAST_SECONDS * len(deadlines)
        return page

    return answer


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    each_fault(
        ("/", 200),
        ("/p/nordlicht-14/?sku=NL14-G-512", 200),
        ("/c/laptops/", 200),
        ("/c/headphones/?page=2", 200),
    ),
)
def test_browsing_goes_on_from_the_last_known_copy(
    shopper: Shopper,
    product_service: Stub,
    settings: Settings,
    path: str,
    status: int,
    fault: str,
    in_time: InTime,
) -> None:
    before = shopper.open(path)
    fail(product_service, fault, settings)
    page = in_time(path)
    assert page.status == status
    assert "You’re viewing a copy saved at" in page
    assert page.html.count('class="card"') == before.html.count('class="card"')


@pytest.mark.parametrize("fault", FAULTS)
def test_copy_comes_from_redis_in_a_process_that_knows_nothing(
    shopper: Shopper, product_service: Stub, settings: Settings, fault: str, in_time: InTime
) -> None:
    shopper.open("/p/nordlicht-14/")
    last_known._copies.clear()
    fail(product_service, fault, settings)
    page = in_time("/p/nordlicht-14/")
    assert page.status == 200
    assert "Ordering is paused" in page
    assert 'type="submit" disabled' in page


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    each_fault(
        ("/", 503),
        ("/search/?q=hall", 503),
        ("/c/laptops/", 503),
        ("/p/nordlicht-14/", 503),
        ("/media/" + "0" * 64 + ".webp", 503),
    ),
)
def test_without_a_copy_the_page_says_what_is_away(
    product_service: Stub, settings: Settings, path: str, status: int, fault: str, in_time: InTime
) -> None:
    fail(product_service, fault, settings)
    page = in_time(path)
    assert page.status == status
    assert "We can’t load this page right now" in page
    assert page.response["Retry-After"] == "5"
    assert "Traceback" not in page


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    each_fault(
        ("/search/", 200),
        ("/cart/", 200),
        ("/orders/", 200),
        ("/checkout/contact/", 302),
        ("/x/", 404),
    ),
)
def test_pages_that_need_no_catalogue_do_not_mind(
    product_service: Stub, settings: Settings, path: str, status: int, fault: str, in_time: InTime
) -> None:
    fail(product_service, fault, settings)
    assert in_time(path).status == status


WITHOUT_ORDER_DESK = {
    "/": 200,
    "/p/nordlicht-14/": 200,
    "/cart/": 200,
    "/checkout/contact/": 503,
    "/checkout/delivery/": 503,
    "/checkout/payment/": 503,
    "/checkout/review/": 503,
    "/orders/": 200,
    "/orders/TC-00000001/": 503,
    "/orders/TC-00000001/progress/": 503,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_the_order_desk_browsing_goes_on_and_checkout_waits(
    shopper: Shopper, order_service: Stub, settings: Settings, fault: str, in_time: InTime
) -> None:
    cases = each_fault(*WITHOUT_ORDER_DESK.items())
    expected = {path: status for path, status, each in cases if each == fault}
    shopper.review()
    pages = {}
    for path in expected:
        fail(order_service, fault, settings)
        pages[path] = in_time(path)
    assert {path: page.status for path, page in pages.items()} == expected
    away = {
        path for path, page in pages.items() if "We can’t reach our order system right now" in page
    }
    assert away == {path for path, status in expected.items() if status == 503}
    if "/orders/" in pages:  # an empty list would make people order again
        assert "We can’t show the orders of this browser right now." in pages["/orders/"].html


@pytest.mark.parametrize("fault", FAULTS)
def test_paying_answers_in_time_and_can_be_repeated(
    shopper: Shopper, order_service: Stub, settings: Settings, fault: str, in_time: InTime
) -> None:
    fields = shopper.review().form("/checkout/place/").fields
    fail(order_service, fault, settings)
    page = in_time("/checkout/place/", **fields)
    assert page.status == 503
    again = page.form("/checkout/place/").fields
    assert (again["attempt"], again["content"]) == (fields["attempt"], fields["content"])


# Route: GET and POST of a shopper with a session and a cart, then of a browser that is new here.
WITHOUT_DATABASE = {
    "home": (200, 405, 200, 405),
    "category": (200, 405, 200, 405),
    "product": (200, 405, 200, 405),
    "products": (200, 405, 200, 405),
    "search": (200, 405, 200, 405),
    "picture": (200, 405, 200, 405),
    "theme": (405, 303, 405, 303),
    "cart": (503, 405, 200, 405),
    "cart_add": (405, 503, 405, 503),
    "cart_change": (405, 503, 405, 422),
    "cart_remove": (405, 503, 405, 302),
    "cart_undo": (405, 503, 405, 302),
    "cart_accept": (405, 503, 405, 422),
    "checkout": (503, 405, 302, 405),
    "checkout_step": (503, 503, 302, 503),
    "checkout_review": (503, 405, 302, 405),
    "checkout_place": (405, 503, 405, 503),
    "look_up": (200, 503, 200, 503),
    "order": (503, 405, 404, 405),
    "order_progress": (503, 405, 404, 405),
    "order_cancel": (405, 503, 405, 404),
    "order_again": (405, 503, 405, 404),
}


def test_without_the_database_browsing_goes_on_and_the_rest_says_so(shopper: Shopper) -> None:
    shopper.buy()
    attempt = shopper.review().form("/checkout/place/").fields["attempt"]
    fields = {**FIELDS, "attempt": attempt}
    own = shopper.client.cookies.output(attrs=[], header="")
    statuses = {}
    for route, path in PATHS.items():
        known, new, newer = (Client(raise_request_exception=False) for _ in range(3))
        known.cookies.load(own)
        with database_away():
            answers = [known.get(path), known.post(path, fields), new.get(path)]
            answers.append(newer.post(path, fields))
        statuses[route] = tuple(answer.status_code for answer in answers)
        for answer in answers:
            if answer.status_code == 503:
                assert answer["Retry-After"] == "5", route
                assert "We can’t load this page right now" in answer.content.decode(), route
    assert statuses == WITHOUT_DATABASE


def test_mailed_link_without_the_database_says_so(shopper: Shopper, in_time: InTime) -> None:
    shopper.buy()
    stranger = Shopper(Client(raise_request_exception=False))
    with database_away():
        page = in_time(f"/orders/{NUMBER}/?token={link_token(NUMBER)}", stranger)
    assert page.status == 503
    assert "We can’t load this page right now" in page


def test_try_again_after_a_form_leads_to_the_page_of_the_form(shopper: Shopper) -> None:
    shopper.add("TK-1")
    product = "http://testserver/p/takt-keys/?sku=TK-1"
    with database_away():
        for referer, again in ((product, product), ("http://evil.example/", "/"), ("", "/")):
            answer = shopper.client.post("/cart/add/", FIELDS, headers={"Referer": referer})
            assert f'href="{again}">Try again</a>' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("is_known", "path"),
    [(True, "/cart/"), (False, f"/orders/{NUMBER}/?token={link_token(NUMBER)}")],
    ids=["in a view", "as a session is saved"],
)
def test_transaction_that_idled_for_too_long_says_so(
    shopper: Shopper, is_known: bool, path: str
) -> None:
    shopper.buy()  # so that the link opens something
    client = shopper.client if is_known else Client(raise_request_exception=False)
    with session_ended_by_the_server():
        answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "We can’t load this page right now" in answer.content.decode()
    assert shopper.client.get("/cart/").status_code == 200


@contextmanager
def database_away() -> Iterator[None]:
    def refuse() -> None:
        raise OperationalError("connection refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refuse)
        yield


@pytest.mark.parametrize("path", ["/", "/c/laptops/", "/p/nordlicht-14/", "/cart/"])
def test_without_redis_every_page_works(
    shopper: Shopper, settings: Settings, path: str, in_time: InTime
) -> None:
    shopper.add("TK-1")
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/1"}
    with override_settings(CACHES={"default": away}):
        assert in_time(path).status == 200


def test_stopped_service_is_used_again_when_it_is_back(
    shopper: Shopper, product_service: Stub
) -> None:
    shopper.open("/p/takt-keys/")
    product_service.fault = "broken"
    assert "Ordering is paused" in shopper.open("/p/takt-keys/")
    product_service.fault = ""
    assert "Ordering is paused" not in shopper.open("/p/takt-keys/")
