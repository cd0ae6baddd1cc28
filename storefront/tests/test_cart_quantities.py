"""Quantities in the cart: typed ones, wrong ones, and those that are more than what is left."""

from __future__ import annotations

import pytest

from storefront.cart.models import CartLine
from storefront.tests.shopper import Shopper, quantities
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub


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


def test_as_many_as_are_left_are_added(shopper: Shopper) -> None:
    assert "Kolibri Buds: only 3 left. Your cart has all 3." in shopper.add("KB-1", 9)
    assert quantities() == {"KB-1": 3}


def test_a_quantity_with_two_readings_is_refused_with_both(shopper: Shopper) -> None:
    refused = [shopper.add("TK-1", "1.000")]
    assert quantities() == {}
    shopper.add("TK-1", 2)
    refused.append(shopper.send("/cart/change/", sku="TK-1", quantity="1.000"))
    for page in refused:
        assert page.status == 422
        assert "“1.000” can mean 1 or 1000. Type it without a dot or a comma." in page
    assert quantities() == {"TK-1": 2}
