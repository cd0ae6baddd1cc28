"""The version of the catalogue tells a client whether what it made of answers is still good."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django import Settings

from product_service.catalogue import cache
from product_service.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db

READS = ["/v1/products", "/v1/products/one", "/v1/categories", "/v1/categories/audio"]


@pytest.fixture(autouse=True)
def shown() -> None:
    make_product(slug="one", category=make_category("audio"))


def version(client: Client) -> str:
    found: str = client.get("/v1/catalogue/version").json()["version"]
    return found


@pytest.mark.parametrize("path", READS)
def test_each_answer_says_the_version_that_it_was_made_of(client: Client, path: str) -> None:
    before = version(client)
    first = client.get(path)
    again = client.get(path)
    known = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert {each["Catalogue-Version"] for each in (first, again, known)} == {before}

    cache.bump_version()

    assert client.get(path)["Catalogue-Version"] == version(client) != before


def test_an_answer_from_memory_says_its_own_version_and_the_question_gets_the_current_one(
    client: Client,
) -> None:
    before = version(client)
    client.get("/v1/products")

    cache.shared.set(cache.VERSION_KEY, time.time_ns(), None)  # by another process

    assert client.get("/v1/products")["Catalogue-Version"] == before
    assert version(client) != before


def test_without_redis_there_is_no_version(client: Client, settings: Settings) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {"default": away}
    assert client.get("/v1/catalogue/version").json() == {"version": None}
    assert "Catalogue-Version" not in client.get("/v1/products")
