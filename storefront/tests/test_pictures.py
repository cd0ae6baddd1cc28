"""Pictures are passed through and kept for ever."""

from __future__ import annotations

from hashlib import sha256

import pytest
from pytest_django import Settings

from storefront.catalogue import pictures
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


def test_pictures_are_kept_up_to_a_number_of_bytes(
    shopper: Shopper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [bytes([number]) * 1000 for number in range(4)]
    by_path = {f"/media/{sha256(content).hexdigest()}.webp": content for content in contents}
    service = Stub(lambda asked: Reply(content=by_path[asked.path], content_type="image/webp"))
    settings.PRODUCT_SERVICE_URL = service.url
    monkeypatch.setattr(pictures, "MOST_BYTES", 3000)
    first, second, third, fourth = by_path
    for path in (first, second, third, first, fourth, first, third):
        assert shopper.client.get(path).content == by_path[path]
    assert [one.path for one in service.requests] == [first, second, third, fourth]
    shopper.client.get(second)  # had to go: of the four it was used longest ago
    assert len(service.requests) == 5
    service.close()


def test_picture_larger_than_all_that_is_kept_is_passed_through(
    shopper: Shopper, product_service: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", len(PICTURE) - 1)
    for _ in range(2):
        assert shopper.client.get(ADDRESS).content == PICTURE
    assert len(product_service.requests) == 2


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
