"""The shop's sentences: they say who does what, and what happens to the shopper's money."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.template.loader import render_to_string

from storefront.clients import calls
from storefront.tests.routes import PATHS
from storefront.tests.shopper import ADDRESS, EMAIL, Page, Shopper
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub

# How the shop once spoke: about itself, in the passive, in images, with "it" for anything.
UNNATURAL = re.compile(
    r"cannot be|is away|are away|go on\b|you see\b|nothing here|goes well with it|needs it"
    r"|money moves|what became|once more|ways of delivery|does not sell|from the click"
    r"|\bdid not\b|\bcould not\b|\bof yours\b|front page|\baisle\b|\bshelves\b",
    re.IGNORECASE,
)


def words(html: str) -> str:
    """What a shopper reads of a page, in one line."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(text)).replace(" .", ".")


@pytest.fixture
def visits(
    shopper: Shopper, catalogue: Catalogue, product_service: Stub, order_service: Stub
) -> dict[str, Callable[[], Page]]:
    """Every kind of page, by what it is; each is opened in the order of this table."""

    def at(path: str, *away: Stub) -> Callable[[], Page]:
        def visit() -> Page:
            for stub in away:
                stub.fault = "dead"
            page = shopper.open(path)
            for stub in away:
                stub.fault = ""
            calls.client.cache_clear()  # as half a second later, when a breaker looks again
            return page

        return visit

    def with_problems() -> Page:
        catalogue.variant("TK-1").price = "25.00"
        catalogue.variant("KB-1").available = 0
        return shopper.open("/cart/")

    return {
        "catalogue away, nothing known": at("/c/laptops/", product_service),
        "home": at("/"),
        "home of a known copy": at("/", product_service),
        "product": at("/p/nordlicht-14/"),
        "product of a known copy": at("/p/nordlicht-14/", product_service),
        "category": at("/c/headphones/"),
        "empty category": at("/c/tactile/"),
        "page beyond the list": at("/c/headphones/?page=99"),
        "unknown order of a list": at("/c/headphones/?sort=x"),
        "search": at("/search/?q=hall"),
        "search without result": at("/search/?q=zzqqxx"),
        "search without words": at("/search/"),
        "not found": at("/p/no-such-thing/"),
        "empty cart": at("/cart/"),
        "wrong quantity": lambda: shopper.add("TK-1", "many"),
        "cart": lambda: shopper.add("TK-1"),
        "cart without prices": at("/cart/", order_service),
        "contact": lambda: shopper.send("/checkout/contact/", email=""),
        "checkout away": at("/checkout/contact/", order_service),
        "delivery": lambda: shopper.send("/checkout/contact/", email=EMAIL),
        "delivery, wrong": lambda: shopper.send("/checkout/delivery/", city="x" * 99),
        "payment": lambda: shopper.send("/checkout/delivery/", **ADDRESS),
        "payment, wrong": lambda: shopper.send("/checkout/payment/", payment_token="x"),
        "review": lambda: shopper.send("/checkout/payment/", payment_token="tok_approve"),
        "out of date": lambda: shopper.send("/checkout/place/", attempt="x"),
        "sold out": lambda: shopper.add("NL14-S-256"),
        "stock away": lambda: unchecked(shopper, product_service),
        "cart with problems": with_problems,
        "look-up": at(PATHS["look_up"]),
    }


def unchecked(shopper: Shopper, product_service: Stub) -> Page:
    shopper.add("KB-1")
    product_service.fault = "dead"
    page = shopper.add("TK-1")
    product_service.fault = ""
    calls.client.cache_clear()
    return page


SENTENCES = {
    "catalogue away, nothing known": "Your cart is safe, and orders already placed are still being"
    " processed.",
    "home": "We reserve your items first and charge your card last.",
    "home of a known copy": "Ordering is paused for the moment.",
    "product": "You may also like",
    "not found": "We couldn’t find that page",
    "cart without prices": "We can’t check prices and stock right now. These are the last prices we"
    " know, and ordering is paused for the moment.",
    "checkout away": "We’ve kept your cart and everything you entered, and orders already placed"
    " are still being processed.",
    "payment": "This is a test shop: you don’t need a card, and no real money is charged.",
    "review": "Pressing Pay places your order. We charge you only once everything is reserved.",
    "out of date": "That page was out of date, so nothing was ordered.",
    "stock away": "We can’t check our stock right now, so nothing was added. Please try again.",
}


def test_every_page_speaks_plainly_and_says_what_happens_to_the_money(
    visits: dict[str, Callable[[], Page]],
) -> None:
    read = {name: words(visit().html) for name, visit in visits.items()}
    for status in (400, 403, 405, 413, 500):
        read[str(status)] = words(render_to_string(f"errors/frameless_{status}.html"))
    found = {name: UNNATURAL.findall(text) for name, text in read.items()}
    assert {name: phrases for name, phrases in found.items() if phrases} == {}
    missing = {
        name: read[name] for name, sentence in SENTENCES.items() if sentence not in read[name]
    }
    assert missing == {}
