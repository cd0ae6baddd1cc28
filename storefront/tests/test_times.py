"""Times that a shopper reads are in the shop's zone, and say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from storefront.tests.failing import fail
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.server import Stub

NUMBER = "TC-00000001"
STATUS = f"/orders/{NUMBER}/"


@pytest.fixture
def berlin(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"


IN_BERLIN = (
    ("2026-11-24T23:30:00.000Z", "25 November 2026", "00:30 CET"),
    ("2026-12-31T23:30:00.000Z", "1 January 2027", "00:30 CET"),
    ("2026-07-24T21:59:00.000Z", "24 July 2026", "23:59 CEST"),
    ("2026-10-25T00:30:00.000Z", "25 October 2026", "02:30 CEST"),
    ("2026-10-25T01:30:00.000Z", "25 October 2026", "02:30 CET"),
    ("2026-03-29T00:59:00.000Z", "29 March 2026", "01:59 CET"),
    ("2026-03-29T01:00:00.000Z", "29 March 2026", "03:00 CEST"),
)


def test_an_order_is_of_the_day_and_time_of_the_shops_zone(
    shopper: Shopper, orders: Orders, berlin: None
) -> None:
    shopper.buy()
    order = orders.by_number[NUMBER]
    for placed_at, day, clock in IN_BERLIN:
        order["placed_at"] = order["timeline"][0]["at"] = placed_at
        page = shopper.open(STATUS)
        assert f"<strong>{NUMBER}</strong> · {day}" in page
        assert f">{clock}</time>" in page
        assert f'<span class="mine__day">{day}</span>' in shopper.open("/orders/")


ELSEWHERE = {"UTC": "09:30 UTC", "Asia/Kolkata": "15:00 IST", "America/Sao_Paulo": "06:30 -03"}


def test_the_zone_is_named(shopper: Shopper, orders: Orders, settings: Settings) -> None:
    shopper.buy()
    orders.by_number[NUMBER]["timeline"][0]["at"] = "2026-11-24T09:30:00.000Z"
    for zone, clock in ELSEWHERE.items():
        settings.TIME_ZONE = zone
        assert f">{clock}</time>" in shopper.open(STATUS)


def test_a_kept_copy_tells_its_time_in_the_shops_zone(
    shopper: Shopper,
    product_service: Stub,
    settings: Settings,
    berlin: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept_at = datetime(2026, 11, 29, 17, 52, tzinfo=UTC).timestamp()
    with monkeypatch.context() as then:
        then.setattr("storefront.last_known.time.time", lambda: kept_at)
        shopper.open("/p/nordlicht-14/")
    fail(product_service, "refused", settings)
    assert "18:52 CET" in shopper.open("/p/nordlicht-14/")
