"""/media/<sha256>.webp: bytes named by their content."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from product_service.catalogue.media import _small
from product_service.catalogue.models import ImageBlob
from product_service.tests.factories import picture_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_pictures() -> None:
    _small.cache_clear()


def test_a_picture_may_be_kept_for_ever(client: Client, django_assert_num_queries: Any) -> None:
    data = picture_bytes()
    name = default_storage.save("anything.png", ContentFile(data))

    response = client.get(default_storage.url(name))

    assert response.status_code == 200
    assert response.content == data
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["ETag"] == f'"{name[:64]}"'
    with django_assert_num_queries(0):
        again = client.get(f"/media/{name}", headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"/media/{name}").content == data


def test_equal_bytes_are_kept_once() -> None:
    names = {default_storage.save(n, ContentFile(picture_bytes())) for n in ("a", "b")}

    assert len(names) == 1
    assert ImageBlob.objects.count() == 1
    default_storage.delete(names.pop())
    assert ImageBlob.objects.count() == 1  # somebody else may show it


def test_a_large_picture_is_served_as_well(client: Client) -> None:
    data = picture_bytes() + b"\0" * 40_000
    name = default_storage.save("a", ContentFile(data))

    assert [client.get(f"/media/{name}").content for _ in range(2)] == [data, data]
    assert _small(name) is None  # its bytes are not kept


@pytest.mark.parametrize(
    "name", ["0" * 64 + ".webp", "0" * 64, "x.webp", "..%2f..%2fetc%2fpasswd", "A" * 64 + ".webp"]
)
def test_another_name_is_not_found(client: Client, name: str) -> None:
    response = client.get(f"/media/{name}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
