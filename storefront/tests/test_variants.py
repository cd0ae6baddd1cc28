"""A cart follows its variants. SKUs are corrected, swapped and given to others meanwhile."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.orders import placements
from storefront.tests.stubs.products import Catalogue, Variant
from storefront.tests.stubs.server import Stub

FIRST = "/orders/TC-00000001/"


@pytest.fixture
def keys(catalogue: Catalogue) -> Variant:
    """Takt Keys, id 5; Kolibri Buds are KB-1, id 4, and of them there are 3."""
    return catalogue.variant("TK-1")


def lines() -> dict[int | None, int]:
    return dict(CartLine.objects.values_list("variant_id", "quantity"))


def test_a_corrected_sku_changes_nothing_in_the_cart(shopper: Shopper, keys: Variant) -> None:
    shopper.add("TK-1", 2)
    keys.sku = "TK-01"
    page = shopper.open("/cart/")
    assert "no longer sold" not in page
    assert "€40.00" in page
    assert "/p/takt-keys/?sku=TK-01" in page
    page = shopper.add("TK-01")
    assert lines() == {5: 3}
    shopper.press(page, "remove")
    assert lines() == {}


def test_swapped_skus_swap_no_products(
    shopper: Shopper, catalogue: Catalogue, keys: Variant
) -> None:
    shopper.add("TK-1", 2)
    buds = catalogue.variant("KB-1")
    keys.sku, buds.sku = "KB-1", "TK-1"
    page = shopper.open("/cart/")
    assert "Takt Keys" in page
    assert "Kolibri Buds" not in page
    shopper.add("TK-1")  # the buds by now
    assert lines() == {5: 2, 4: 1}
    assert [line.quantity for line in CartLine.objects.filter(sku="TK-1")] == [2, 1]


def test_a_reused_sku_is_not_sold_for_the_removed_one(
    shopper: Shopper, catalogue: Catalogue, keys: Variant
) -> None:
    shopper.add("TK-1")
    keys.vanished, keys.sku, catalogue.variant("KB-1").sku = True, "OLD", "TK-1"
    page = shopper.open("/cart/")
    assert "This is no longer sold." in page
    assert "Kolibri" not in page


def test_a_sku_corrected_between_review_and_payment_is_ordered_as_reviewed(
    shopper: Shopper, order_service: Stub, keys: Variant
) -> None:
    review = shopper.review("TK-1", 2)
    keys.sku = "TK-01"
    assert shopper.pay(review).path == FIRST
    ((_, body),) = placements(order_service)
    assert body["lines"] == [{"sku": "TK-1", "quantity": 2, "variant_id": 5}]
    assert lines() == {}


def test_a_product_page_of_before_the_correction_puts_its_variant_into_the_cart(
    shopper: Shopper, keys: Variant
) -> None:
    page = shopper.open("/p/takt-keys/")
    keys.sku = "TK-01"
    page = shopper.submit(page, "/cart/add/")
    assert "Takt Keys is in your cart." in page
    assert lines() == {5: 1}


def test_an_order_is_put_back_into_the_cart_by_variant_and_once(
    shopper: Shopper, orders: object, keys: Variant
) -> None:
    page = shopper.buy("TK-1", 2)
    keys.sku = "TK-01"
    again = page.path + "again/"
    assert "Takt Keys is in your cart." in shopper.send(again)
    assert "Takt Keys was in your cart already. Nothing was added." in shopper.send(again)
    assert lines() == {5: 2}


def test_a_cart_of_the_release_before_follows_its_variant_from_the_next_look(
    shopper: Shopper, keys: Variant
) -> None:
    shopper.add("TK-1", 2)
    CartLine.objects.update(variant_id=None)
    shopper.open("/cart/")
    assert lines() == {5: 2}
    keys.sku = "TK-01"
    assert "no longer sold" not in shopper.open("/cart/")


@pytest.mark.django_db(transaction=True)
def test_carts_are_kept_over_the_update(order_service: Stub) -> None:
    shopper = Shopper(Client())
    shopper.add("TK-1", 2)
    call_command("migrate", "cart", "0003", verbosity=0)
    call_command("migrate", "cart", verbosity=0)
    assert lines() == {None: 2}
    assert "€40.00" in shopper.open("/cart/")
    assert lines() == {5: 2}


def test_two_lines_of_one_variant_become_one(shopper: Shopper, keys: Variant) -> None:
    shopper.add("TK-1", 2)
    line = CartLine.objects.get()
    keys.sku = "TK-01"
    # As a pod of the previous version adds it during an update.
    CartLine.objects.create(cart=line.cart, sku="TK-01", quantity=3, seen=line.seen)
    shopper.open("/cart/")
    assert lines() == {5: 5}


def test_services_of_the_release_before_are_asked_by_sku(
    shopper: Shopper, order_service: Stub, catalogue: Catalogue
) -> None:
    review = shopper.review("TK-1", 2)
    catalogue.knows_variants = False
    assert "€40.00" in shopper.open("/cart/")
    assert "Takt Keys is in your cart." in shopper.add("TK-1")
    assert shopper.pay(review).path == FIRST
    assert placements(order_service)[-1][1]["lines"] == [{"sku": "TK-1", "quantity": 2}]
    assert CartLine.objects.get().quantity == 1


def test_an_attempt_of_the_release_before_takes_its_lines_out_of_the_cart(
    shopper: Shopper, order_service: Stub
) -> None:
    review = shopper.review("TK-1", 2)
    checkout = Checkout.objects.get()
    checkout.body["lines"] = [{"sku": "TK-1", "quantity": 2}]
    checkout.save(update_fields=["body"])
    assert shopper.pay(review).path == FIRST
    assert lines() == {}


@pytest.mark.parametrize("variant", ["0", "-1", "x", "1.5", "9" * 30, "1\x002"])
def test_a_wrong_variant_is_refused(shopper: Shopper, variant: str) -> None:
    page = shopper.send("/cart/add/", sku="TK-1", variant=variant, quantity=1, slug="takt-keys")
    assert page.status == 422
    assert lines() == {}
