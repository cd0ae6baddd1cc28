"""Attempts that the previous version has written, before an update and during it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.orders import placements
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub

FIRST, SECOND = "/orders/TC-00000001/", "/orders/TC-00000002/"


@pytest.fixture
def attempt(shopper: Shopper) -> str:
    """As the previous version writes it during an update: with a page, without a content."""
    shopper.review()
    Checkout.objects.update(content=None)
    return str(Checkout.objects.get().attempt)


@pytest.mark.django_db(transaction=True)
def test_attempts_of_the_release_before_are_taken_over(
    order_service: Stub, catalogue: Catalogue
) -> None:
    shopper = Shopper(Client())
    finished = shopper.review()
    shopper.pay(finished)
    newest = shopper.review("TK-1", 2)
    subject, body = Checkout.objects.values_list("subject", "body").get(order_number=None)
    call_command("migrate", "checkout", "0001", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO checkout_checkout (attempt, subject, body, created_at)"
                " SELECT gen_random_uuid(), %s, '{}', now() - make_interval(hours => n)"
                " FROM generate_series(1, 30) n",
                [subject],
            )
    finally:
        call_command("migrate", "checkout", verbosity=0)
    assert list(Checkout.objects.filter(order_number=None).values_list("body", flat=True)) == [body]
    attempt = newest.form("/checkout/place/").fields["attempt"]
    assert shopper.send("/checkout/place/", attempt=attempt).path == SECOND  # a page of before
    assert shopper.pay(finished).path == FIRST


def test_its_page_that_checks_an_order_is_answered_under_its_own_key(
    shopper: Shopper, order_service: Stub, attempt: str
) -> None:
    shopper.open("/checkout/review/")
    order_service.fault = "broken"
    page = shopper.send("/checkout/place/", attempt=attempt, tries=1, was_sent=1)
    assert "We’re still checking your order" in page
    order_service.fault = ""
    assert shopper.submit(page, "/checkout/place/").path == FIRST
    assert {key for key, _ in placements(order_service)} == {attempt}
    assert not CartLine.objects.exists()


def test_its_page_that_sent_nothing_orders_nothing(
    shopper: Shopper, order_service: Stub, attempt: str
) -> None:
    page = shopper.send("/checkout/place/", attempt=attempt, tries=1)
    assert "That page was out of date" in page
    assert placements(order_service) == []
