"""The cart: adding, changing, undoing, problems and their one-click fixes."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from storefront.cart.models import CartLine
from storefront.tests.shopper import Shopper, quantities
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub


def test_product_page_puts_its_variant_into_the_cart(careful_shopper: Shopper) -> None:
    product = careful_shopper.open("/p/nordlicht-14/?sku=NL14-G-512")
    page = careful_shopper.submit(product, "/cart/add/", quantity=2)
    assert page.path == "/cart/"
    assert "Nordlicht 14 is in your cart." in page
    assert "€2,798.00" in page  # 2 x 1,399.00
    assert quantities() == {"NL14-G-512": 2}


def test_cart_survives_the_session(shopper: Shopper) -> None:
    shopper.add("TK-1", 2)
    shopper.send("/cart/change/", sku="TK-1", quantity=3)  # begins a session
    del shopper.client.cookies[settings.SESSION_COOKIE_NAME]
    assert "Takt Keys" in shopper.open("/cart/")


def test_another_browser_has_another_cart(shopper: Shopper) -> None:
    shopper.add("TK-1")
    other = Shopper(Client())
    assert "Your cart is empty." in other.open("/cart/")
    page = other.add("KB-1")
    assert "Kolibri Buds" in page
    assert "Takt Keys" not in page


def test_forged_guest_cookie_is_nobody(shopper: Shopper) -> None:
    shopper.add("TK-1")
    cookie = shopper.client.cookies["storefront_guest"]
    assert cookie["httponly"]
    assert cookie["max-age"] == 90 * 24 * 3600
    shopper.client.cookies["storefront_guest"] = cookie.value[:-1] + "x"
    assert "Your cart is empty." in shopper.open("/cart/")


@pytest.mark.parametrize("sku", ["", "a\x00b", "x" * 65, "../TK-1", "<b>"])
def test_wrong_sku_is_refused(shopper: Shopper, sku: str) -> None:
    assert shopper.add(sku).status == 422
    assert shopper.send("/cart/change/", sku=sku, quantity=1).status == 422
    assert shopper.send("/cart/remove/", sku=sku).status == 200
    assert shopper.send("/cart/accept/", sku=sku).status == 200
    assert quantities() == {}


def test_quantity_change_can_be_undone(shopper: Shopper) -> None:
    shopper.add("TK-1", 2)
    page = shopper.submit(shopper.open("/cart/"), "/cart/change/", quantity=5)
    assert "Quantity changed to 5." in page
    assert "€100.00" in page
    shopper.submit(page, "/cart/undo/")
    assert quantities() == {"TK-1": 2}


def test_removal_can_be_undone(shopper: Shopper) -> None:
    shopper.add("TK-1", 2)
    page = shopper.send("/cart/remove/", sku="TK-1")
    assert "Takt Keys removed." in page
    assert quantities() == {}
    shopper.submit(page, "/cart/undo/")
    assert quantities() == {"TK-1": 2}


def test_removal_is_not_undone_into_a_cart_that_is_full_by_now(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.add("KB-1")
    page = shopper.send("/cart/remove/", sku="TK-1")
    line = CartLine.objects.get()
    for number in range(49):
        CartLine.objects.create(cart=line.cart, sku=f"S-{number}", quantity=1, seen=line.seen)
    page = shopper.submit(page, "/cart/undo/")
    assert page.status == 200
    assert "An order has at most 50 different products, so Takt Keys was not put back." in page
    assert len(quantities()) == 50
    assert "TK-1" not in quantities()


def test_undo_without_a_change_does_nothing(shopper: Shopper) -> None:
    shopper.add("TK-1")
    assert shopper.send("/cart/undo/").status == 200
    assert quantities() == {"TK-1": 1}


def test_header_counts_the_pieces(shopper: Shopper) -> None:
    shopper.add("TK-1", 3)
    assert '</span>3<span class="hidden"> items</span>' in shopper.open("/")


def test_sold_out_product_is_not_added(shopper: Shopper) -> None:
    assert "Nordlicht 14 is sold out. Nothing was added." in shopper.add("NL14-S-256")
    assert quantities() == {}


def test_unknown_product_is_not_added(shopper: Shopper) -> None:
    assert "This product is no longer sold. Nothing was added." in shopper.add("NO-SUCH")
    assert quantities() == {}


def test_fifty_products_are_the_most(shopper: Shopper, catalogue: Catalogue) -> None:
    shopper.add("TK-1")
    line = CartLine.objects.get()
    for number in range(49):
        CartLine.objects.create(cart=line.cart, sku=f"S-{number}", quantity=1, seen=line.seen)
    assert "An order has at most 50 different products." in shopper.add("KB-1")
    assert len(quantities()) == 50


def test_changed_price_is_named_and_taken(shopper: Shopper, catalogue: Catalogue) -> None:
    shopper.add("TK-1")
    catalogue.variant("TK-1").price = "25.00"
    page = shopper.open("/cart/")
    assert "The price changed from €20.00 to €25.00." in page
    assert "Go to checkout" in page  # the review page tells it once more
    page = shopper.press(page, "accept")
    assert "The price changed" not in page


def test_a_price_that_was_never_shown_is_not_accepted(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.add("TK-1")
    catalogue.variant("TK-1").price = "25.00"
    old = shopper.open("/cart/")
    catalogue.variant("TK-1").price = "30.00"
    page = shopper.press(old, "accept")
    assert "The price changed from €20.00 to €30.00." in page
    page = shopper.press(page, "accept")
    assert "The price changed" not in page


def test_too_few_left_is_named_and_fixed(shopper: Shopper, catalogue: Catalogue) -> None:
    shopper.add("TK-1", 5)
    catalogue.variant("TK-1").available = 2
    page = shopper.open("/cart/")
    assert "Only 2 left, and your cart has 5." in page
    assert "Go to checkout" not in page
    page = shopper.press(page, "take")
    assert "Takt Keys: only 2 left. Your cart has all 2." in page
    assert "Go to checkout" in page
    assert quantities() == {"TK-1": 2}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"available": 0}, "This sold out after you added it."),
        ({"vanished": True}, "This is no longer sold."),
    ],
)
def test_lost_product_is_named_and_taken_out(
    shopper: Shopper, catalogue: Catalogue, change: dict[str, int], sentence: str
) -> None:
    shopper.add("TK-1")
    shopper.add("KB-1")
    vars(catalogue.variant("TK-1")).update(change)
    page = shopper.open("/cart/")
    assert sentence in page
    assert "Takt Keys" in page  # by the name it had
    assert "Please fix the marked items first." in page
    page = shopper.send("/cart/remove/", sku="TK-1")
    assert "Go to checkout" in page


@pytest.mark.parametrize("fault", ["dead", "slow", "wrong", "broken"])
def test_cart_shows_what_it_knew_last(shopper: Shopper, order_service: Stub, fault: str) -> None:
    shopper.add("TK-1", 2)
    order_service.fault = fault
    page = shopper.open("/cart/")
    assert page.status == 200
    assert "Takt Keys" in page
    assert "€20.00 each" in page
    assert "These are the last prices we know" in page
    assert "Go to checkout" not in page
    assert "Subtotal</dt><dd>€40.00" in page


@pytest.mark.parametrize("fault", ["dead", "slow", "wrong", "broken"])
def test_nothing_is_added_unchecked(shopper: Shopper, product_service: Stub, fault: str) -> None:
    product_service.fault = fault
    assert "We can’t check our stock right now" in shopper.add("TK-1")
    assert quantities() == {}
