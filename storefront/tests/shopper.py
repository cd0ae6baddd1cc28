"""A shopper without JavaScript: reads pages and sends the forms that are on them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from storefront.cart.models import CartLine

SLUG = "nordlicht-14"
EMAIL = "ada@example.org"
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Lindenstraße 12",
    "line2": "",
    "postal_code": "10969",
    "city": "Berlin",
    "country": "DE",
    "shipping_method": "standard",
}


class Form:
    """A form of a page: its address and the fields with their present values."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}
        self.sent: dict[str, list[str]] = {}  # the same, with fields that are there many times
        self.buttons: dict[str, tuple[str, str]] = {}  # name: value and address, of the first

    def put(self, name: str, value: str) -> None:
        self.fields[name] = value
        self.sent.setdefault(name, []).append(value)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and given.get("name") and self.forms:
            if given.get("type") not in {"radio", "checkbox"} or "checked" in given:
                self.forms[-1].put(given["name"], given.get("value", ""))
        elif tag == "button" and given.get("name") and self.forms:
            button = given.get("value", ""), given.get("formaction", self.forms[-1].action)
            self.forms[-1].buttons.setdefault(given["name"], button)
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].put(self._select, given.get("value", ""))


class Page:
    """An answer of the shop."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.path: str = response.request["PATH_INFO"]
        self.html: str = response.content.decode() if not response.streaming else ""

    def form(self, action: str) -> Form:
        """The first form that is sent to `action`."""
        parser = _Forms()
        parser.feed(self.html)
        return next(form for form in parser.forms if form.action == action)

    def __contains__(self, text: str) -> bool:
        return text in self.html


class Shopper:
    def __init__(self, client: Client) -> None:
        self.client = client

    def open(self, path: str, **headers: str) -> Page:
        return Page(self.client.get(path, headers=headers, follow=True))

    def send(self, path: str, **fields: object) -> Page:
        return Page(self.client.post(path, fields, follow=True))

    def submit(self, page: Page, action: str, **typed: object) -> Page:
        """Send a form of the page with what was typed into it."""
        return self.send(action or page.path, **{**page.form(action).fields, **typed})

    def press(self, page: Page, button: str, **typed: object) -> Page:
        """Press the first button of that name in the cart, with what was typed into its form."""
        form = page.form("/cart/change/")
        value, action = form.buttons[button]
        return self.send(action, **{**form.sent, **typed, button: value})

    def add(self, sku: str, quantity: object = 1) -> Page:
        return self.send("/cart/add/", sku=sku, quantity=quantity, slug=SLUG)

    def review(self, sku: str = "TK-1", quantity: int = 1, **address: str) -> Page:
        """From an empty cart to the review page; the pages between are not looked at."""
        self.client.post("/cart/add/", {"sku": sku, "quantity": quantity, "slug": SLUG})
        self.client.post("/checkout/contact/", {"email": EMAIL})
        self.client.post("/checkout/delivery/", {**ADDRESS, **address})
        return self.send("/checkout/payment/", payment_token="tok_approve")

    def pay(self, review: Page) -> Page:
        return self.submit(review, "/checkout/place/")

    def buy(self, sku: str = "TK-1", quantity: int = 1) -> Page:
        return self.pay(self.review(sku, quantity))


def quantities() -> dict[str, int]:
    return dict(CartLine.objects.values_list("sku", "quantity"))
