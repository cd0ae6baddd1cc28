"""A whole purchase in a browser: with JavaScript, without it, by keyboard, with a bad card."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import NewPage
from tests.e2e.shopper import EMAIL, Shopper


def test_purchase_is_confirmed_on_a_page_that_updates_itself(
    new_page: NewPage, base_url: str
) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    number = shopper.buy()
    navigations: list[str] = []
    page.on("framenavigated", lambda frame: navigations.append(frame.url))
    shopper.see_confirmed()
    assert navigations == []  # the page was never loaded again
    expect(page.get_by_text(number)).to_be_visible()
    expect(page.locator("[data-live]")).to_have_count(0)  # it has stopped asking
    shopper.open("/cart/")
    expect(page.get_by_text("Your cart is empty.")).to_be_visible()


def test_purchase_on_a_phone_without_javascript(new_page: NewPage, base_url: str) -> None:
    page = new_page(width=390, java_script_enabled=False)
    shopper = Shopper(page, base_url)
    shopper.buy()
    shopper.see_confirmed(reloading=True)


def test_purchase_by_keyboard_alone(new_page: NewPage, base_url: str) -> None:
    shopper = Shopper(new_page(), base_url, by_keyboard=True)
    shopper.buy()
    shopper.see_confirmed()


def test_reload_and_back_never_order_again(new_page: NewPage, base_url: str) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    number = shopper.buy()
    page.reload()
    page.go_back()
    pay = page.get_by_role("button", name=re.compile(r"^Pay "))
    if pay.is_visible():
        pay.click()
    shopper.open("/orders/")
    expect(page.locator(".mine__number")).to_have_text([number])


def test_back_in_the_middle_and_a_second_tab_are_one_order(
    new_page: NewPage, base_url: str
) -> None:
    page = new_page(expected=frozenset({503}))
    shopper = Shopper(page, base_url)
    shopper.choose_product()
    shopper.put_into_cart()
    shopper.go_to_checkout()
    shopper.contact()
    shopper.delivery()
    shopper.payment()
    second = Shopper(page.context.new_page(), base_url)
    second.open("/checkout/review/")
    page.evaluate(
        """() => {
            document.querySelector('form[action="/checkout/place/"]').requestSubmit();
            setTimeout(() => history.back(), 30);
        }"""
    )
    number = second.pay()
    page.wait_for_load_state()
    second.open("/orders/")
    expect(second.page.locator(".mine__number")).to_have_text([number])


def test_declined_card_says_so_and_gives_the_products_back(
    new_page: NewPage, base_url: str
) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    shopper.buy("tok_decline")
    expect(page.get_by_role("heading", name="Your payment was declined")).to_be_visible(
        timeout=20_000
    )
    expect(page.get_by_text("Your card was not charged.")).to_be_visible()
    page.get_by_role("button", name="Put the products back into the cart").click()
    expect(page.get_by_role("button", name="Go to checkout")).to_be_visible()


def test_bank_asks_for_confirmation_and_leads_back(new_page: NewPage, base_url: str) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    number = shopper.buy("tok_confirm")
    page.get_by_role("link", name="Confirm with your bank").click(timeout=20_000)
    page.get_by_role("button", name="Confirm payment").click()
    page.wait_for_url(f"**/orders/{number}/**")
    shopper.see_confirmed()


def test_order_is_found_again_in_another_browser(new_page: NewPage, base_url: str) -> None:
    number = Shopper(new_page(), base_url).buy()
    elsewhere = new_page(expected=frozenset({404}))
    shopper = Shopper(elsewhere, base_url)
    shopper.open(f"/orders/{number}/")
    expect(elsewhere.get_by_text("This browser has no order with that number.")).to_be_visible()
    elsewhere.get_by_label("E-mail address").fill(EMAIL)
    elsewhere.get_by_role("button", name="Show my order").click()
    expect(elsewhere.get_by_text(f"Order {number}")).to_be_visible()


def test_quantity_changes_in_place_and_is_undone(new_page: NewPage, base_url: str) -> None:
    page = new_page()
    shopper = Shopper(page, base_url)
    shopper.choose_product()
    shopper.put_into_cart()
    quantity = page.get_by_label("Quantity of")
    quantity.fill("2")
    quantity.press("Tab")
    expect(page.get_by_text("Quantity changed to 2.")).to_be_visible()
    expect(page.locator("#basket")).to_contain_text("2")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Quantity of")).to_have_value("1")
