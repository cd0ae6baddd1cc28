"""What htmx asks for and does not get is asked for again by the browser, which shows the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.shopper import Shopper


def away(route: Route) -> None:
    route.fulfill(status=503, content_type="text/plain", body="Send this again in a moment.")


def cut(route: Route) -> None:
    route.abort("connectionreset")


@pytest.mark.parametrize("failure", [away, cut])
def test_changed_quantity_is_no_dead_field_when_its_request_fails(
    browser: Browser, base_url: str, failure: Callable[[Route], None]
) -> None:
    """Its page is no watched one: htmx tells the console of each failure."""
    with browser.new_context() as context:
        page = context.new_page()
        shopper = Shopper(page, base_url)
        shopper.choose_product()
        shopper.put_into_cart()
        failed = []

        def fail_once(route: Route) -> None:
            if "hx-request" in route.request.headers:
                failed.append(route.request.url)
                failure(route)
            else:
                route.continue_()

        page.route("**/cart/change/", fail_once)
        page.locator("input[name=quantity]").fill("2")
        page.locator("input[name=quantity]").press("Tab")
        expect(page.locator(".heading__count")).to_have_text("2 items")
        assert len(failed) == 1
