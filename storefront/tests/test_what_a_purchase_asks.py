"""What a purchase asks of the services and of the database: nothing that nobody needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from storefront.tests.shopper import ADDRESS, EMAIL, Shopper
from storefront.tests.stubs.server import Stub

FORMS: dict[str, Mapping[str, object]] = {
    "/cart/add/": {"sku": "TK-1", "quantity": 1, "slug": "takt-keys"},
    "/checkout/contact/": {"email": EMAIL},
    "/checkout/delivery/": ADDRESS,
    "/checkout/payment/": {"payment_token": "tok_approve"},
}


def buy(shopper: Shopper) -> Iterator[str]:
    """The requests of a purchase one after the other, without the pages between them."""
    for path, typed in FORMS.items():
        assert shopper.client.post(path, typed).status_code == 302
        yield path
    review = shopper.open("/checkout/review/")
    yield review.path
    fields = review.form("/checkout/place/").fields
    assert "/orders/" in shopper.client.post("/checkout/place/", fields)["Location"]
    yield "/checkout/place/"


def asked(*services: Stub) -> list[str]:
    found = [f"{one.method} {one.path}" for each in services for one in each.requests]
    for each in services:
        each.requests.clear()
    return found


def test_services_are_asked_for_a_price_where_one_is_shown_or_promised(
    shopper: Shopper, product_service: Stub, order_service: Stub
) -> None:
    first = {path: asked(product_service, order_service) for path in buy(shopper)}
    assert first == {
        "/cart/add/": ["POST /v1/quotes"],
        "/checkout/contact/": [],
        "/checkout/delivery/": ["GET /v1/shipping-methods", "GET /v1/countries"],
        "/checkout/payment/": ["GET /v1/payment-methods"],
        "/checkout/review/": ["GET /v1/categories", "POST /v1/quotes"],
        "/checkout/place/": ["POST /v1/orders"],
    }
    # What is offered to everybody is known for a while.
    again = Counter(one for _ in buy(shopper) for one in asked(product_service, order_service))
    assert again == {"POST /v1/quotes": 2, "POST /v1/orders": 1}


def test_the_database_gets_a_few_statements(shopper: Shopper) -> None:
    sent: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            sent.append(sql)
        return execute(sql, params, many, context)

    statements = {}
    with connection.execute_wrapper(count):
        for path in buy(shopper):
            statements[path] = len(sent)
            sent.clear()
    assert statements == {
        "/cart/add/": 1,  # a new shopper's cart with its line
        "/checkout/contact/": 2,  # is there a cart, an unanswered order; the session
        "/checkout/delivery/": 2,  # the first reads the session as well
        "/checkout/payment/": 2,
        "/checkout/review/": 3,  # as a step, the lines, the attempt
        "/checkout/place/": 7,
    }
