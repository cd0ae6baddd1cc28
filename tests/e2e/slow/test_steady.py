"""A swap of a page's content moves neither the page nor the keyboard focus."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import NewPage
from tests.e2e.shopper import Shopper

MANY_VARIANTS = "/search/?q=laptop"


def focused(page: Page) -> Any:
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def scrolled(page: Page) -> Any:
    return page.evaluate("Math.round(scrollY)")


def swapped(page: Page, act: Any) -> None:
    """Do `act` and wait until its answer is on the page."""
    page.evaluate(
        """() => {
            window.settled = new Promise((done, fail) => {
                setTimeout(() => fail("nothing was swapped in"), 8000);
                addEventListener("htmx:afterSettle", () => setTimeout(done, 100), {once: true});
            });
        }"""
    )
    act()
    page.evaluate("() => window.settled")


@pytest.fixture
def phone(new_page: NewPage, base_url: str) -> Shopper:
    return Shopper(new_page(width=390, has_touch=True), base_url)


def open_product_with_choices(shopper: Shopper) -> None:
    shopper.open(MANY_VARIANTS)
    for link in shopper.page.locator("a.card__link").all()[:8]:
        path = str(link.get_attribute("href"))
        shopper.open(path)
        if shopper.page.locator("a.picker__value:not([aria-current])").count():
            return
        shopper.open(MANY_VARIANTS)
    raise AssertionError("no product with a choice")


def test_choosing_a_variant_keeps_place_focus_and_typed_quantity(phone: Shopper) -> None:
    open_product_with_choices(phone)
    page = phone.page
    if page.locator("#quantity").count():
        page.locator("#quantity").fill("3")
    value = page.locator("a.picker__value:not([aria-current])").first
    value.evaluate(
        "(link) => scrollTo({behavior: 'instant',"
        " top: scrollY + link.getBoundingClientRect().top - 300})"
    )
    before, name = scrolled(page), value.get_attribute("id")
    assert before > 0
    swapped(page, value.click)
    assert abs(scrolled(page) - before) <= 40
    assert focused(page) == name
    if page.locator("#quantity").count():
        expect(page.locator("#quantity")).to_have_value("3")


def fill_cart(shopper: Shopper, products: int) -> None:
    shopper.open("/search/?q=cable")
    paths = [str(link.get_attribute("href")) for link in shopper.page.locator("a.card__link").all()]
    for path in paths:
        shopper.open(path)
        button = shopper.page.get_by_role("button", name="Add to cart")
        if button.is_enabled():
            button.click()
            shopper.see("Your cart")
            products -= 1
        if not products:
            return
    raise AssertionError("too few products to buy")


def test_changes_of_the_cart_keep_place_and_focus(phone: Shopper) -> None:
    fill_cart(phone, 2)
    page = phone.page
    field = page.locator("input[name=quantity]").last
    name = field.get_attribute("id")
    field.scroll_into_view_if_needed()
    field.focus()
    before = scrolled(page)
    for key in ("ArrowUp", "Enter"):
        swapped(page, lambda key=key: page.keyboard.press(key))
        assert focused(page) == name
        assert abs(scrolled(page) - before) <= 120  # a notice came in above
    swapped(page, page.get_by_role("button", name="Remove").last.click)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    swapped(page, lambda: page.keyboard.press("Enter"))
    expect(page.locator("input[name=quantity]")).to_have_count(2)
    assert focused(page) == "content"


def test_what_is_typed_quickly_or_not_yet_sent_is_not_lost(phone: Shopper) -> None:
    fill_cart(phone, 1)
    page = phone.page
    field = page.locator("input[name=quantity]")
    field.focus()
    for pause in (0, 150, 230, 300):
        page.wait_for_timeout(pause)
        page.keyboard.press("ArrowUp")
    expect(page.get_by_text("Quantity changed to 5.")).to_be_visible()
    expect(field).to_have_value("5")
    field.fill("2")
    phone.go_to_checkout()
    phone.open("/cart/")
    expect(field).to_have_value("2")


def delay(page: Page, path: str) -> None:
    """Let each answer of that address take long enough for a hand to do something meanwhile."""

    def later(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route(f"**{path}", later)


def test_a_quantity_typed_back_before_the_answer_is_taken_back(phone: Shopper) -> None:
    fill_cart(phone, 1)
    page = phone.page
    field = page.locator("input[name=quantity]")
    delay(page, "/cart/change/")
    field.fill("3")
    with page.expect_response("**/cart/change/"):
        field.press("Tab")
        with page.expect_request("**/cart/change/"):
            pass
        field.fill("1")
        field.press("Tab")
    expect(page.get_by_text("Quantity changed to 1.")).to_be_visible()
    page.reload()
    expect(field).to_have_value("1")


def test_each_of_many_quick_presses_counts(phone: Shopper) -> None:
    fill_cart(phone, 3)
    page = phone.page
    delay(page, "/cart/remove/")
    removes = page.get_by_role("button", name="Remove").all()
    names = [each.get_attribute("id") for each in removes]
    page.locator("input[name=quantity]").first.fill("2")  # asks when it is left, after its Remove
    with page.expect_request("**/cart/remove/"):
        page.locator(f"#{names[0]}").click()
    page.locator(f"#{names[1]}").click()
    page.locator(f"#{names[2]}").click()
    expect(page.get_by_text("Your cart is empty.")).to_be_visible()
    expect(page.get_by_text("not in your cart any more")).to_have_count(0)


def test_a_field_typed_to_the_same_again_shows_the_answer_once_it_is_left(phone: Shopper) -> None:
    fill_cart(phone, 1)
    page = phone.page
    field = page.locator("input[name=quantity]")
    delay(page, "/cart/change/")
    field.focus()
    with page.expect_response("**/cart/"):
        with page.expect_request("**/cart/change/"):
            page.keyboard.press("ArrowUp")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("2")  # no change to the browser
    expect(page.locator(".heading__count")).to_have_text("1 item")
    page.keyboard.press("Tab")
    expect(page.locator(".heading__count")).to_have_text("2 items")


def test_an_order_that_moves_on_keeps_the_focus(new_page: NewPage, base_url: str) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    shopper.buy("tok_confirm")
    page.get_by_role("link", name="Refresh").focus()
    expect(page.get_by_role("link", name="Confirm with your bank")).to_be_visible(timeout=20_000)
    assert focused(page) == "refresh"
    # Whoever shares the shop waits until every order is decided.
    page.get_by_role("link", name="Confirm with your bank").click()
    page.get_by_role("button", name="Confirm payment").click()
    shopper.see_confirmed()
