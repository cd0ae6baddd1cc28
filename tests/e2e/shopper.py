"""A shopper who buys something: the steps of a purchase, by mouse or by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

EMAIL = "ada@example.org"
ADDRESS = {
    "Full name": "Ada Lovelace",
    "Street and number": "Lindenstraße 12",
    "Postal code": "10969",
    "City": "Berlin",
}
CONFIRMED_SECONDS = 20.0


class Shopper:
    """Walks through the shop in one page. `by_keyboard` uses Tab, Enter and letters only."""

    def __init__(self, page: Page, base_url: str, *, by_keyboard: bool = False) -> None:
        self.page = page
        self.base_url = base_url.rstrip("/")
        self.by_keyboard = by_keyboard

    def open(self, path: str) -> None:
        self.page.goto(self.base_url + path)

    def choose_product(self) -> None:
        """From the front page to the first product of the grid."""
        self.open("/")
        self.press(self.page.locator("a.card__link").first)
        expect(self.page.get_by_role("button", name="Add to cart")).to_be_enabled()

    def put_into_cart(self) -> None:
        self.press(self.page.get_by_role("button", name="Add to cart"))
        self.see("Your cart")

    def go_to_checkout(self) -> None:
        self.press(self.page.get_by_role("button", name="Go to checkout"))
        self.see("How can we reach you?")

    def contact(self) -> None:
        self.type(self.page.get_by_label("E-mail address"), EMAIL)
        self.press(self.page.get_by_role("button", name="Continue to delivery"))
        self.see("Where should we deliver?")

    def delivery(self) -> None:
        for label, text in ADDRESS.items():
            self.type(self.page.get_by_label(label), text)
        self.press(self.page.get_by_role("button", name="Continue to payment"))
        self.see("How do you want to pay?")

    def payment(self, token: str = "") -> None:
        if token:
            self.page.locator(f'input[value="{token}"]').check()
        self.press(self.page.get_by_role("button", name="Continue to review"))
        self.see("Check your order")

    def pay(self) -> str:
        """Press the pay button; gives the order's number."""
        self.press(self.page.get_by_role("button", name=re.compile(r"^Pay ")))
        self.page.wait_for_url("**/orders/TC-*/")
        return self.page.url.rstrip("/").rpartition("/")[2]

    def checkout(self, token: str = "") -> str:
        self.go_to_checkout()
        self.contact()
        self.delivery()
        self.payment(token)
        return self.pay()

    def buy(self, token: str = "") -> str:
        self.choose_product()
        self.put_into_cart()
        return self.checkout(token)

    def see_confirmed(self, *, reloading: bool = False) -> None:
        """Wait for the confirmation; without JavaScript the page is loaded again and again."""
        title = self.page.get_by_role("heading", name="Thank you, your order is confirmed")
        if reloading:
            expect_after_reloads(self.page, title)
        expect(title).to_be_visible(timeout=CONFIRMED_SECONDS * 1000)

    def see(self, heading: str) -> None:
        """Wait for the page of that heading to be there in full."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        self.page.wait_for_load_state()

    def press(self, target: Locator) -> None:
        if self.by_keyboard:
            self._reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def type(self, field: Locator, text: str) -> None:
        if self.by_keyboard:
            self._reach(field)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def _reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus."""
        target.wait_for()
        for _ in range(150):
            if target.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")


def expect_after_reloads(page: Page, title: Locator) -> None:
    """Press Refresh as a shopper without JavaScript would, until the title shows."""
    for _ in range(int(CONFIRMED_SECONDS * 2)):
        if title.is_visible():
            return
        page.wait_for_timeout(500)
        refresh = page.get_by_role("link", name="Refresh")
        if refresh.is_visible():
            refresh.click()
