"""GET /v1/products: what is listed, in which order, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from product_service.catalogue.models import Price, Product, Variant
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_value,
    make_variant,
)

pytestmark = pytest.mark.django_db


def get(client: Client, **parameters: Any) -> Any:
    response = client.get(f"/v1/products?{urlencode(parameters)}")
    assert response.status_code == 200, response.content
    return response.json()


def names(client: Client, **parameters: Any) -> list[str]:
    return [item["name"] for item in get(client, **parameters)["items"]]


def test_a_card_has_all_that_a_card_shows(client: Client) -> None:
    audio = make_category("audio", name="Audio")
    product = make_product("Auralis One", category=audio, sku="ONE-B", price="89.00", stock=10)
    Price.objects.filter(variant__sku="ONE-B").update(prior_amount="99.00")
    make_variant(product, "ONE-W", price="95.00", options={"colour": "White"}, stock=3)
    make_value(product, "battery", 30, unit="h", position=1, is_key_spec=True)
    make_value(product, "wireless", value=True, name="Wireless", position=2, is_key_spec=True)
    make_value(product, "waterproof", value=False, position=3, is_key_spec=True)
    make_value(product, "form", "Over-ear", position=4, is_key_spec=True)
    make_value(product, "weight", Decimal("254.50"), position=0)
    image = make_image(product, colour="blue")
    make_image(product, colour="green")

    assert get(client) == {
        "items": [
            {
                "slug": product.slug,
                "name": "Auralis One",
                "brand": "Auralis",
                "category": {"slug": "audio", "name": "Audio"},
                "key_specs": ["30 h", "Wireless", "Over-ear"],
                "image": {
                    "url": f"/media/{image.file.name}",
                    "alt": "Auralis One in blue",
                    "width": 40,
                    "height": 30,
                    "sizes": [],
                },
                "price": {"amount": "89.00", "currency": "EUR"},
                "prior_price": {"amount": "99.00", "currency": "EUR"},
                "price_varies": True,
                "availability": "in_stock",
                "default_sku": "ONE-B",
            }
        ],
        "count": 1,
        "page": 1,
        "page_size": 24,
        "applied": {
            "q": "",
            "has_words": False,
            "category": None,
            "in_stock": False,
            "sort": "newest",
        },
    }


def test_the_card_offers_the_cheapest_variant_that_can_be_bought(client: Client) -> None:
    product = make_product(sku="CHEAP", price="10.00", stock=0)
    make_variant(product, "MIDDLE", price="20.00", options={"size": "M"}, stock=2)
    make_variant(product, "DEAR", price="30.00", options={"size": "L"}, stock=50)
    make_variant(product, "OLD", price="1.00", options={"size": "S"}, stock=5, is_active=False)

    (item,) = get(client)["items"]

    assert item["default_sku"] == "MIDDLE"
    assert item["price"]["amount"] == "20.00"
    assert item["availability"] == "in_stock"  # of the best variant


@pytest.mark.parametrize(
    ("stock", "word"), [(0, "sold_out"), (1, "low"), (5, "low"), (6, "in_stock")]
)
def test_availability_is_a_word(client: Client, stock: int, word: str) -> None:
    make_product(stock=stock)

    assert get(client)["items"][0]["availability"] == word


def test_only_visible_products_are_listed(client: Client) -> None:
    make_product("Shown")
    make_product("Draft", is_published=False)
    make_product("Deleted", deleted_at=timezone.now())
    Variant.objects.filter(product=make_product("Switched off")).update(is_active=False)
    Price.objects.filter(variant__product=make_product("Without a price")).delete()

    assert names(client) == ["Shown"]
    assert get(client)["count"] == 1


def test_a_category_includes_those_below_it(client: Client) -> None:
    audio = make_category("audio")
    headphones = make_category("headphones", parent=audio)
    make_product("Amplifier", category=audio)
    make_product("Earbuds", category=make_category("in-ear", parent=headphones))
    make_product("Keyboard", category=make_category("input"))

    assert sorted(names(client, category="audio")) == ["Amplifier", "Earbuds"]
    assert names(client, category="headphones") == ["Earbuds"]
    assert get(client, category="headphones")["applied"]["category"] == "headphones"


def test_in_stock_leaves_out_what_is_sold_out(client: Client) -> None:
    make_product("There", stock=1)
    make_product("Gone", stock=0)

    assert names(client, in_stock=1) == ["There"]
    assert sorted(names(client, in_stock=0)) == ["Gone", "There"]


def test_sorting(client: Client) -> None:
    today = timezone.now()
    make_product("beta", price="20.00", published_at=today - timedelta(days=2))
    make_product("Alpha", price="30.00", published_at=today - timedelta(days=1))
    make_product("gamma", price="10.00", published_at=today)

    assert names(client) == ["gamma", "Alpha", "beta"]
    assert names(client, sort="newest") == ["gamma", "Alpha", "beta"]
    assert names(client, sort="relevance") == ["gamma", "Alpha", "beta"]
    assert names(client, sort="name") == ["Alpha", "beta", "gamma"]
    assert names(client, sort="price") == ["gamma", "beta", "Alpha"]
    assert names(client, sort="-price") == ["Alpha", "beta", "gamma"]


NAMES = ["Apfel", "Äpfel", "apfel 2", "Birne", "Øre", "ostrich", "Phone 9", "Phone 10", "Zebra"]


def test_names_sort_as_people_expect(client: Client) -> None:
    for name in reversed(NAMES):
        make_product(name, category=make_category(name=name))

    assert names(client, sort="name") == NAMES
    tree = client.get("/v1/categories").json()["items"]
    assert [node["name"] for node in tree] == NAMES


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "name", "relevance"])
def test_pages_share_out_every_product_once(client: Client, sort: str) -> None:
    for _ in range(7):
        make_product("Same name", published_at=timezone.now().replace(microsecond=0))

    pages = [get(client, sort=sort, page=n, page_size=3) for n in (1, 2, 3)]

    assert [len(page["items"]) for page in pages] == [3, 3, 1]
    assert {page["count"] for page in pages} == {7}
    slugs = {item["slug"] for page in pages for item in page["items"]}
    assert slugs == set(Product.objects.values_list("slug", flat=True))


def test_an_empty_shop_has_an_empty_first_page(client: Client) -> None:
    page = get(client)

    assert (page["items"], page["count"]) == ([], 0)


def test_a_page_after_the_last_one_is_not_found(client: Client) -> None:
    make_product()

    response = client.get("/v1/products?page=2")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "page_out_of_range"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("sort=cheapest", "/sort"),
        ("sort=price;DROP TABLE product", "/sort"),
        ("page=0", "/page"),
        ("page=-1", "/page"),
        ("page=one", "/page"),
        ("page=1.5", "/page"),
        ("page=1000000000", "/page"),
        ("page=99999999999999999999999", "/page"),
        ("page=%D9%A3", "/page"),
        ("page_size=0", "/page_size"),
        ("page_size=101", "/page_size"),
        ("in_stock=maybe", "/in_stock"),
        ("in_stock=true", "/in_stock"),
        ("in_stock=", "/in_stock"),
        ("sort=", "/sort"),
        ("page=", "/page"),
        ("category=%27%20OR%201=1", "/category"),
        ("q=" + "x" * 201, "/q"),
        ("colour=red", "/colour"),
        ("a%2Fb~=1", "/a~1b~0"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, pointer: str) -> None:
    response = client.get(f"/v1/products?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "invalid_parameter"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_unknown_category_is_not_found(client: Client) -> None:
    response = client.get("/v1/products?category=no-such-category")

    assert (response.status_code, response.json()["code"]) == (404, "category_unknown")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/category"]


def test_every_wrong_parameter_is_named_at_once(client: Client) -> None:
    problem = client.get("/v1/products?page=0&sort=x&in_stock=2&y=1").json()

    assert {(e["pointer"], e["detail"], e["code"]) for e in problem["errors"]} == {
        ("/page", "Use a whole number from 1 to 10000.", "invalid"),
        ("/sort", "Use one of relevance, newest, price, -price, name.", "invalid"),
        ("/in_stock", "Use 1 or 0.", "invalid"),
        ("/y", "This parameter is unknown; leave it out.", "unknown_field"),
    }


def test_a_nul_byte_is_refused(client: Client) -> None:
    assert client.get("/v1/products?q=a%00b").status_code == 400
    assert client.get("/v1/products/a%00b").status_code == 400


def test_other_methods_are_refused(client: Client) -> None:
    response = client.post("/v1/products", {}, content_type="application/json")

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
