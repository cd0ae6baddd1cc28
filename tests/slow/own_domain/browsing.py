"""What a browser does at a shop at a domain of its own."""

from __future__ import annotations

import pytest

from deploy.scripts.smoke import Page
from tests.own_domain import (
    CATALOGUE,
    ORDERS,
    PASSWORD,
    Answer,
    Browser,
)

OFFICES = {CATALOGUE: "product_service", ORDERS: "order_service"}
OFFICE = pytest.mark.parametrize("office", OFFICES)


def product(browser: Browser) -> str:
    """The page of the first product that is for sale."""
    for link in dict.fromkeys(Page(browser.get("/").text).links_to("/p/")):
        page = browser.get(link).text
        form = Page(page).form("/cart/add/")
        if (
            form
            and "disabled" not in page.partition('action="/cart/add/"')[2].partition("</form")[0]
        ):
            return link
    raise AssertionError("Nothing is for sale.")


def put_into_cart(browser: Browser) -> Answer:
    form = Page(browser.get(product(browser)).text).form("/cart/add/")
    assert form is not None
    return browser.post("/cart/add/", {**form.fields, "quantity": "1"})


def sign_in(browser: Browser) -> Answer:
    form = Page(browser.get("/admin/login/").text).form("/admin/login/")
    assert form is not None
    fields = {**form.fields, "username": "admin", "password": PASSWORD, "next": "/admin/"}
    return browser.post("/admin/login/", fields)
