"""What htmx asks for and does not get is asked for again by the browser, which shows the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.shopper import Shopper


def away(route: Route) -> None:
    route.fulfill(status=503, content_type="text/plain", body="Send this again in a moment.")


def cut(route: Route) -> None:
    route.abort("connectionreset")


def fail_requests(page: Page, path: str, failure: Callable[[Route], None]) -> list[str]:
    """Let htmx's requests of that address fail, and the browser's own pass; gives the failed."""
    failed: list[str] = []

    def fail(route: Route) -> None:
        if "hx-request" in route.request.headers:
            failed.append(route.request.url)
            failure(route)
        else:
            route.continue_()

    page.route(f"**{path}", fail)
    return failed


def open_cart(page: Page, base_url: str) -> None:
    shopper = Shopper(page, base_url)
    shopper.choose_product()
    shopper.put_into_cart()


@pytest.mark.parametrize("failure", [away, cut])
def test_changed_quantity_is_no_dead_field_when_its_request_fails(
    browser: Browser, base_url: str, failure: Callable[[Route], None]
) -> None:
    """Its page is no watched one: htmx tells the console of each failure."""
    with browser.new_context() as context:
        page = context.new_page()
        open_cart(page, base_url)
        failed = fail_requests(page, "/cart/change/", failure)
        page.locator("input[name=quantity]").fill("2")
        page.locator("input[name=quantity]").press("Tab")
        expect(page.locator(".heading__count")).to_have_text("2 items")
        assert len(failed) == 1


def test_a_line_is_removed_also_when_the_request_for_it_fails(
    browser: Browser, base_url: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        open_cart(page, base_url)
        failed = fail_requests(page, "/cart/remove/", cut)
        page.locator("input[name=quantity]").fill("2")
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Your cart is empty.")).to_be_visible()
        assert len(failed) == 1
