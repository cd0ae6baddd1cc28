"""Pictures are passed through and kept for ever."""

from __future__ import annotations

from pytest_django import Settings

from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import PICTURE, SHA
from storefront.tests.stubs.server import Reply, Stub

ADDRESS = f"/media/{SHA}.webp"


def test_picture_is_passed_through_for_ever(shopper: Shopper) -> None:
    response = shopper.client.get(ADDRESS)
    assert response.status_code == 200
    assert response.content == PICTURE
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{SHA}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_known_picture_is_answered_without_asking(shopper: Shopper, product_service: Stub) -> None:
    response = shopper.client.get(ADDRESS, headers={"If-None-Match": f'"{SHA}"'})
    assert response.status_code == 304
    assert product_service.requests == []


def test_picture_survives_an_outage(shopper: Shopper, product_service: Stub) -> None:
    shopper.client.get(ADDRESS)
    product_service.fault = "dead"
    assert shopper.client.get(ADDRESS).content == PICTURE


def test_unknown_picture_is_not_found(shopper: Shopper) -> None:
    assert shopper.client.get(f"/media/{'0' * 64}.webp").status_code == 404


def test_bytes_that_are_not_the_picture_are_not_passed_on(
    shopper: Shopper, settings: Settings
) -> None:
    other = Stub(lambda _: Reply(content=b"<script>evil", content_type="text/html"))
    settings.PRODUCT_SERVICE_URL = other.url
    response = shopper.client.get(ADDRESS)
    other.close()
    assert response.status_code == 503
    assert b"<script>evil" not in response.content
