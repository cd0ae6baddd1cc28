"""The ways in which a shopper comes back to an order that was not answered."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings as django_settings

from storefront.tests.shopper import ADDRESS, Page, Shopper


def press_again(shopper: Shopper, review: Page) -> Page:
    return shopper.pay(review)


def open_review(shopper: Shopper, review: Page) -> Page:
    return shopper.open("/checkout/review/")


def go_to_checkout(shopper: Shopper, review: Page) -> Page:
    return shopper.open("/checkout/")


def change_the_address(shopper: Shopper, review: Page) -> Page:
    return shopper.send("/checkout/delivery/", **{**ADDRESS, "city": "Potsdam"})


def add_a_product(shopper: Shopper, review: Page) -> Page:
    shopper.add("KB-1")
    return shopper.open("/checkout/review/")


def empty_the_cart(shopper: Shopper, review: Page) -> Page:
    shopper.send("/cart/remove/", sku="TK-1")
    return shopper.open("/checkout/review/")


def lose_the_session(shopper: Shopper, review: Page) -> Page:
    del shopper.client.cookies[django_settings.SESSION_COOKIE_NAME]
    return shopper.open("/checkout/")


def send_an_unknown_page(shopper: Shopper, review: Page) -> Page:
    return shopper.send("/checkout/place/", attempt="x", content="x")


WAYS: list[Callable[[Shopper, Page], Page]] = [
    press_again,
    open_review,
    go_to_checkout,
    change_the_address,
    add_a_product,
    empty_the_cart,
    lose_the_session,
    send_an_unknown_page,
]
