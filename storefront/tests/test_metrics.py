"""The funnel counts shoppers, and every press of the pay button is counted by how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import Settings

from storefront import metrics
from storefront.tests.failing import fail
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.server import Reply, Stub, problem

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
Counts = dict[str, float]


def counts(name: str, label: str, values: tuple[str, ...]) -> Counts:
    families = REGISTRY.restricted_registry([name]).collect()
    seen = {tuple(each.labels.items()): each.value for one in families for each in one.samples}
    return {each: seen.get(((label, each),), 0) for each in values}


def funnel() -> Counts:
    return counts("techcommerce_funnel_total", "step", metrics.STEPS)


def checkouts() -> Counts:
    return counts("techcommerce_checkout_total", "outcome", metrics.OUTCOMES)


def more(look: Callable[[], Counts], before: Counts) -> Counts:
    return {name: n - before[name] for name, n in look().items() if n != before[name]}


@pytest.fixture
def browser(db: None) -> Shopper:
    return Shopper(Client(headers={"User-Agent": BROWSER}))


def test_a_purchase_is_one_of_each_step(browser: Shopper) -> None:
    before, pressed = funnel(), checkouts()
    browser.open("/p/takt-keys/")
    browser.open("/checkout/")
    review = browser.review()  # no step of it passes the start of the checkout again
    browser.pay(review)
    browser.pay(review)  # again: the order is there, nothing is sent
    once = dict.fromkeys(("product_view", "cart_add", "checkout_start", "order_submit"), 1)
    assert more(funnel, before) == once
    assert more(checkouts, pressed) == {"accepted": 1}


def test_a_page_from_ready_bytes_is_counted_and_logged_as_any_other(
    browser: Shopper, product_service: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    """The access log line, the metrics by view, and the step of the shopper."""
    browser.open("/p/takt-keys/")
    labels = {"status": "200", "view": "product", "method": "GET"}
    name = "django_http_responses_total_by_status_view_method_total"
    before, answers = funnel(), REGISTRY.get_sample_value(name, labels) or 0
    product_service.requests.clear()
    caplog.clear()
    with caplog.at_level("INFO", logger="access"):
        for _ in range(3):
            browser.open("/p/takt-keys/", **{"X-Request-ID": "click-0815-abcdef"})
    assert [one.path for one in product_service.requests] == ["/v1/catalogue/version"] * 3
    assert more(funnel, before) == {"product_view": 3}
    assert REGISTRY.get_sample_value(name, labels) == answers + 3
    lines: list[Any] = [record.msg for record in caplog.records if record.name == "access"]
    assert [(line["view"], line["request_id"]) for line in lines] == [
        ("product", "click-0815-abcdef")
    ] * 3


@pytest.mark.parametrize("agent", ["", "Googlebot/2.1", "python-requests/2.34", "curl/8"])
def test_programs_are_no_shoppers(db: None, agent: str) -> None:
    before = funnel()
    Shopper(Client(headers={"User-Agent": agent})).open("/p/takt-keys/")
    assert more(funnel, before) == {}


def test_a_head_request_and_a_product_that_is_not_there_are_no_views(browser: Shopper) -> None:
    before = funnel()
    browser.client.head("/p/takt-keys/")
    assert browser.open("/p/nothing/").status == 404
    assert more(funnel, before) == {}


@pytest.mark.parametrize(
    ("outcome", "refusal"),
    [
        ("price_changed", problem(409, "price_changed")),
        ("timeout", problem(409, "in_flight")),
        ("out_of_stock", problem(422, "line_unavailable")),
        (
            "invalid",
            problem(400, "invalid", errors=[{"pointer": "/email", "detail": "No.", "code": "x"}]),
        ),
        ("error", problem(422, "something_new")),
    ],
)
def test_a_refused_order_is_counted_by_its_reason(
    browser: Shopper, orders: Orders, outcome: str, refusal: Reply
) -> None:
    review = browser.review()
    orders.refuse = refusal
    before = checkouts()
    browser.pay(review)
    assert more(checkouts, before) == {outcome: 1}


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("slow", "timeout"), ("broken", "upstream_error"), ("refused", "upstream_error")],
)
def test_an_order_without_an_answer_is_counted_by_its_cause(
    browser: Shopper, order_service: Stub, settings: Settings, fault: str, outcome: str
) -> None:
    review = browser.review()
    fail(order_service, fault, settings)
    before = checkouts()
    assert browser.pay(review).status == 503
    assert more(checkouts, before) == {outcome: 1}


def test_the_page_that_sends_itself_again_is_no_further_submit(
    browser: Shopper, order_service: Stub, settings: Settings
) -> None:
    review = browser.review()
    fail(order_service, "broken", settings)
    before, pressed = funnel(), checkouts()
    checking = browser.pay(review)
    order_service.fault = ""
    browser.submit(checking, "/checkout/place/")
    assert more(funnel, before) == {"order_submit": 1}
    assert more(checkouts, pressed) == {"upstream_error": 1, "accepted": 1}


def test_a_shoppers_stamp_is_not_believed() -> None:
    """Anybody can send it; only the callers of the services behind the storefront are ours."""
    name = "techcommerce_http_queue_seconds_count"
    before = REGISTRY.get_sample_value(name) or 0
    Client().get("/", headers={"X-Request-Start": str(time.time() - 1)})
    assert REGISTRY.get_sample_value(name) == before
