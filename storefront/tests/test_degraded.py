"""Each backend dead, slow or wrong in turn: every page answers within 2 s with a defined result."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection
from django.test import override_settings
from pytest_django import Settings

from storefront import last_known
from storefront.tests.failing import fail
from storefront.tests.shopper import Page, Shopper
from storefront.tests.stubs.server import Stub

FAULTS = ["refused", "dead", "slow", "wrong", "broken"]
LIMIT_SECONDS = 2.0


def each_fault(*cases: tuple[str, int]) -> list[tuple[str, int, str]]:
    """Every fault for every (path, status); slow ones take long, so for two of the paths only."""
    return [
        (path, status, fault)
        for number, (path, status) in enumerate(cases)
        for fault in FAULTS
        if fault != "slow" or number < 2
    ]


def in_time(shopper: Shopper, path: str) -> Page:
    """The page itself, without following redirects, within the limit."""
    started = time.monotonic()
    page = Page(shopper.client.get(path))
    assert time.monotonic() - started < LIMIT_SECONDS
    return page


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
    shopper: Shopper, product_service: Stub, settings: Settings, path: str, status: int, fault: str
) -> None:
    before = shopper.open(path)
    fail(product_service, fault, settings)
    page = in_time(shopper, path)
    assert page.status == status
    assert "Our catalogue cannot be reached right now. You see the copy of" in page
    assert page.html.count('class="card"') == before.html.count('class="card"')


@pytest.mark.parametrize("fault", FAULTS)
def test_copy_comes_from_redis_in_a_process_that_knows_nothing(
    shopper: Shopper, product_service: Stub, settings: Settings, fault: str
) -> None:
    shopper.open("/p/nordlicht-14/")
    last_known.forget()
    fail(product_service, fault, settings)
    page = in_time(shopper, "/p/nordlicht-14/")
    assert page.status == 200
    assert "buying is paused" in page
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
    shopper: Shopper, product_service: Stub, settings: Settings, path: str, status: int, fault: str
) -> None:
    fail(product_service, fault, settings)
    page = in_time(shopper, path)
    assert page.status == status
    assert "Our catalogue is away for a moment" in page
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
    shopper: Shopper,
    product_service: Stub,
    settings: Settings,
    path: str,
    status: int,
    fault: str,
) -> None:
    fail(product_service, fault, settings)
    assert in_time(shopper, path).status == status


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    each_fault(
        ("/", 200),
        ("/p/nordlicht-14/", 200),
        ("/cart/", 200),
        ("/checkout/contact/", 503),
        ("/checkout/delivery/", 503),
        ("/checkout/payment/", 503),
        ("/checkout/review/", 503),
        ("/orders/", 200),
        ("/orders/TC-00000001/", 503),
        ("/orders/TC-00000001/progress/", 503),
    ),
)
def test_without_the_order_desk_browsing_goes_on_and_checkout_waits(
    shopper: Shopper,
    order_service: Stub,
    settings: Settings,
    path: str,
    status: int,
    fault: str,
) -> None:
    shopper.review()
    fail(order_service, fault, settings)
    page = in_time(shopper, path)
    assert page.status == status
    if status == 503:
        assert "Our order desk is away for a moment" in page


@pytest.mark.parametrize("fault", FAULTS)
def test_paying_answers_in_time_and_can_be_repeated(
    shopper: Shopper, order_service: Stub, settings: Settings, fault: str
) -> None:
    attempt = shopper.review().form("/checkout/place/").fields["attempt"]
    fail(order_service, fault, settings)
    started = time.monotonic()
    page = shopper.send("/checkout/place/", attempt=attempt)
    assert time.monotonic() - started < LIMIT_SECONDS
    assert page.status == 503
    assert page.form("/checkout/place/").fields["attempt"] == attempt


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/c/laptops/", 200),
        ("/p/nordlicht-14/", 200),
        ("/search/?q=hall", 200),
        ("/cart/", 503),
        ("/checkout/contact/", 503),
    ],
)
def test_without_the_database_browsing_goes_on(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    shopper.add("TK-1")

    def refuse() -> None:
        raise OperationalError("connection refused")

    connection.close()
    monkeypatch.setattr(connection, "ensure_connection", refuse)
    page = in_time(shopper, path)
    assert page.status == status
    if status == 503:
        assert page.response["Retry-After"] == "5"
        assert "This page is away for a moment" in page


@pytest.mark.parametrize("path", ["/", "/c/laptops/", "/p/nordlicht-14/", "/cart/"])
def test_without_redis_every_page_works(shopper: Shopper, settings: Settings, path: str) -> None:
    shopper.add("TK-1")
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/1"}
    with override_settings(CACHES={"default": away}):
        assert in_time(shopper, path).status == 200


def test_stopped_service_is_used_again_when_it_is_back(
    shopper: Shopper, product_service: Stub
) -> None:
    shopper.open("/p/takt-keys/")
    product_service.fault = "broken"
    assert "buying is paused" in shopper.open("/p/takt-keys/")
    product_service.fault = ""
    assert "buying is paused" not in shopper.open("/p/takt-keys/")
