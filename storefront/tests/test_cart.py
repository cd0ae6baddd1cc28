"""The cart: adding, changing, undoing, problems and their one-click fixes."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from storefront.cart.models import CartLine
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub


def quantities() -> dict[str, int]:
    return dict(CartLine.objects.values_list("sku", "quantity"))


def test_product_page_puts_its_variant_into_the_cart(careful_shopper: Shopper) -> None:
    product = careful_shopper.open("/p/nordlicht-14/?sku=NL14-G-512")
    page = careful_shopper.submit(product, "/cart/add/", quantity=2)
    assert page.path == "/cart/"
    assert "Nordlicht 14 is in your cart." in page
    assert "€2,798.00" in page  # 2 x 1,399.00
    assert quantities() == {"NL14-G-512": 2}


@pytest.mark.parametrize(
    ("left", "added", "sentence", "has"),
    [
        (5, (2, 2), "Takt Keys is in your cart.", 4),
        (3, (2, 2), "Takt Keys: only 3 left. Your cart has all 3.", 3),
        (3, (3, 1), "Takt Keys: only 3 left. Your cart has all 3.", 3),
        (1, (1, 1), "Takt Keys: only 1 left. Your cart has it.", 1),
        (200, (60, 60), "Takt Keys: 99 is the most you can order. Your cart has 99.", 99),
    ],
)
def test_adding_again_stops_at_what_is_left_and_says_so(
    shopper: Shopper,
    catalogue: Catalogue,
    left: int,
    added: tuple[int, int],
    sentence: str,
    has: int,
) -> None:
    catalogue.variant("TK-1").available = left
    for quantity in added:
        page = shopper.add("TK-1", quantity)
    assert sentence in page
    assert quantities() == {"TK-1": has}


def test_adding_takes_nothing_out_when_fewer_are_left_by_now(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.add("TK-1", 5)
    catalogue.variant("TK-1").available = 2
    page = shopper.add("TK-1")
    assert "Takt Keys: only 2 left, and your cart has 5. Nothing was added." in page
    assert quantities() == {"TK-1": 5}


@pytest.mark.parametrize("button", [None, "checkout"])
def test_a_typed_quantity_stops_at_what_is_left_and_says_so(
    shopper: Shopper, catalogue: Catalogue, button: str | None
) -> None:
    page = shopper.add("KB-1", 2)
    typed = {"quantity": 9, **({button: "1"} if button else {})}
    page = shopper.submit(page, "/cart/change/", **typed)
    assert page.path == "/cart/"
    assert "Kolibri Buds: only 3 left. Your cart has all 3." in page
    assert quantities() == {"KB-1": 3}


@pytest.mark.parametrize("button", ["checkout", "remove", "accept"])
def test_typed_quantities_go_along_with_whichever_button_is_pressed(
    shopper: Shopper, catalogue: Catalogue, button: str
) -> None:
    shopper.add("KB-1", 1)
    shopper.add("TK-1", 1)
    shopper.add("HL-1", 1)
    catalogue.variant("KB-1").price = "59.90"
    page = shopper.press(shopper.open("/cart/"), button, quantity=[1, 4, 5])
    assert page.path == ("/checkout/contact/" if button == "checkout" else "/cart/")
    left = {} if button == "remove" else {"KB-1": 1}
    assert quantities() == {**left, "TK-1": 4, "HL-1": 5}


@pytest.mark.parametrize("button", ["checkout", "remove", "accept"])
def test_an_old_page_sets_back_no_quantity_that_nobody_typed_on_it(
    shopper: Shopper, catalogue: Catalogue, button: str
) -> None:
    shopper.add("KB-1", 1)
    shopper.add("TK-1", 1)
    catalogue.variant("KB-1").price = "59.90"
    old = shopper.open("/cart/")
    shopper.add("TK-1", 2)  # in another tab
    shopper.press(old, button)
    left = {} if button == "remove" else {"KB-1": 1}
    assert quantities() == {**left, "TK-1": 3}


def test_what_is_typed_on_an_old_page_holds_whatever_the_cart_has_by_now(
    shopper: Shopper,
) -> None:
    old = shopper.add("TK-1", 2)
    shopper.add("TK-1", 2)
    shopper.press(old, "checkout", quantity=1)
    assert quantities() == {"TK-1": 1}


def test_a_page_of_the_release_before_sets_the_quantities_it_sends(shopper: Shopper) -> None:
    page = shopper.add("TK-1", 1)
    sent = {name: given for name, given in page.form("/cart/change/").sent.items() if name != "had"}
    shopper.send("/cart/change/", **{**sent, "quantity": 4})
    assert quantities() == {"TK-1": 4}


def test_checkout_waits_until_each_typed_quantity_is_one(shopper: Shopper) -> None:
    shopper.add("KB-1", 1)
    page = shopper.press(shopper.add("TK-1", 1), "checkout", quantity=[2, 0])
    assert (page.path, page.status) == ("/cart/change/", 422)
    assert "Enter a quantity of at least 1, or remove the product." in page
    assert 'value="0" aria-invalid="true"' in page
    assert quantities() == {"KB-1": 2, "TK-1": 1}


def test_a_typed_quantity_is_kept_while_stock_cannot_be_checked(
    shopper: Shopper, product_service: Stub, order_service: Stub
) -> None:
    page = shopper.add("KB-1", 1)
    product_service.fault = order_service.fault = "dead"
    page = shopper.press(page, "checkout", quantity=9)
    assert quantities() == {"KB-1": 9}


def test_a_line_removed_in_another_tab_is_named(shopper: Shopper) -> None:
    page = shopper.add("KB-1", 1)
    shopper.press(page, "remove")
    page = shopper.submit(page, "/cart/change/", quantity=2)
    assert page.status == 422
    assert "This product is not in your cart any more." in page


@pytest.mark.parametrize("button", ["checkout", "accept"])
def test_a_line_that_is_gone_is_not_missed_where_nothing_was_typed_for_it(
    shopper: Shopper, catalogue: Catalogue, button: str
) -> None:
    shopper.add("TK-1", 1)
    shopper.add("KB-1", 1)
    catalogue.variant("TK-1").price = "25.00"
    old = shopper.open("/cart/")
    shopper.send("/cart/remove/", sku="KB-1")
    page = shopper.press(old, button, quantity=[2, 1])
    assert page.status == 200
    assert "not in your cart any more" not in page
    assert quantities() == {"TK-1": 2}


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


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "1.5", "", "many", "1\x002"])
def test_wrong_quantity_is_refused_when_adding(shopper: Shopper, quantity: str) -> None:
    page = shopper.add("TK-1", quantity)
    assert page.status == 422
    assert "That didn’t work" in page
    assert quantities() == {}


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "1.5", "", "many", "1\x002"])
def test_wrong_quantity_is_refused_in_the_cart(shopper: Shopper, quantity: str) -> None:
    shopper.add("TK-1", 2)
    page = shopper.send("/cart/change/", sku="TK-1", quantity=quantity)
    assert page.status == 422
    assert f'id="error_{CartLine.objects.get().pk}"' in page
    assert quantities() == {"TK-1": 2}


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


def test_as_many_as_are_left_are_added(shopper: Shopper) -> None:
    assert "Kolibri Buds: only 3 left. Your cart has all 3." in shopper.add("KB-1", 9)
    assert quantities() == {"KB-1": 3}


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
    assert "We can&#x27;t check our stock right now" in shopper.add("TK-1")
    assert quantities() == {}


def test_a_quantity_with_two_readings_is_refused_with_both(shopper: Shopper) -> None:
    refused = [shopper.add("TK-1", "1.000")]
    assert quantities() == {}
    shopper.add("TK-1", 2)
    refused.append(shopper.send("/cart/change/", sku="TK-1", quantity="1.000"))
    for page in refused:
        assert page.status == 422
        assert "“1.000” can mean 1 or 1000. Type it without a dot or a comma." in page
    assert quantities() == {"TK-1": 2}
