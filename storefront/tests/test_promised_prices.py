"""The review page promises a total, so it asks for prices of that moment; other pages need not."""

from __future__ import annotations

from storefront.tests.shopper import Shopper
from storefront.tests.stubs.server import Stub


def test_only_the_review_wants_prices_of_the_moment(shopper: Shopper, order_service: Stub) -> None:
    shopper.review()
    order_service.requests.clear()
    for path in ("/cart/", "/checkout/payment/", "/checkout/review/"):
        shopper.open(path)
    quotes = [each for each in order_service.requests if each.path == "/v1/quotes"]
    said = [each.headers.get("Cache-Control") for each in quotes]
    assert said == [None, None, "no-cache"]
