"""GET /v1/products/{slug} and the category tree."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from product_service.catalogue.models import Category, Option, Product, Variant
from product_service.catalogue.tree import TREE_SQL
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_value,
    make_variant,
)

pytestmark = pytest.mark.django_db


def test_a_page_has_all_that_it_shows(client: Client) -> None:
    Option.objects.create(code="colour", name="Colour", position=1)
    Option.objects.create(code="size", name="Size", position=0)
    audio = make_category("audio", name="Audio")
    phones = make_category("headphones", name="Headphones", parent=audio)
    product = Product.objects.create(
        slug="one",
        name="One",
        brand="Auralis",
        description="Long.\nText.",
        category=phones,
        is_published=True,
        published_at=timezone.now(),
    )
    black = make_variant(
        product,
        "ONE-B",
        price="89.00",
        prior="99.00",
        stock=150,
        options={"colour": "Black", "size": "M"},
    )
    make_variant(product, "ONE-W", price="95.50", stock=2, options={"colour": "White", "size": "M"})
    make_variant(product, "ONE-X", options={"colour": "Pink"}, is_active=False)
    make_value(product, "battery", Decimal("30.5"), unit="h", position=2)
    make_value(product, "folds", value=False, name="Folds", position=1)
    first = make_image(product, colour="red")
    second = make_image(product, colour="black", variant=black)
    picture = {"width": 40, "height": 30, "sizes": []}
    black_picture = {"url": f"/media/{second.file.name}", "alt": "One in black", **picture}

    response = client.get("/v1/products/one")

    assert response.status_code == 200
    assert response.json() == {
        "slug": "one",
        "name": "One",
        "brand": "Auralis",
        "description": "Long.\nText.",
        "description_html": "<p>Long.<br>Text.</p>",
        "manufacturer": "",
        "responsible_person": "",
        "category": {"slug": "headphones", "name": "Headphones"},
        "breadcrumb": [
            {"slug": "audio", "name": "Audio"},
            {"slug": "headphones", "name": "Headphones"},
        ],
        "attributes": [
            {"code": "folds", "name": "Folds", "value": "No"},
            {"code": "battery", "name": "Battery", "value": "30.5 h"},
        ],
        "images": [
            {"url": f"/media/{first.file.name}", "alt": "One in red", **picture},
            black_picture,
        ],
        "options": [
            {"code": "size", "name": "Size", "values": ["M"]},
            {"code": "colour", "name": "Colour", "values": ["Black", "White"]},
        ],
        "variants": [
            {
                "sku": "ONE-B",
                "variant_id": Variant.objects.get(sku="ONE-B").pk,
                "name": "M / Black",
                "options": {"colour": "Black", "size": "M"},
                "price": {"amount": "89.00", "currency": "EUR"},
                "prior_price": {"amount": "99.00", "currency": "EUR"},
                "lowest_price": {"amount": "99.00", "currency": "EUR"},
                "unit_price": None,
                "availability": "in_stock",
                "available": 99,
                "image": black_picture,
            },
            {
                "sku": "ONE-W",
                "variant_id": Variant.objects.get(sku="ONE-W").pk,
                "name": "M / White",
                "options": {"colour": "White", "size": "M"},
                "price": {"amount": "95.50", "currency": "EUR"},
                "prior_price": None,
                "lowest_price": None,
                "unit_price": None,
                "availability": "low",
                "available": 2,
                "image": None,
            },
        ],
        "default_sku": "ONE-B",
        "related": [],
    }


def test_related_are_four_visible_others_of_the_category(client: Client) -> None:
    category = make_category()
    product = make_product(category=category)
    make_product("Hidden", category=category, is_published=False)
    make_product("Elsewhere")
    others = [make_product(category=category) for _ in range(5)]

    related = client.get(f"/v1/products/{product.slug}").json()["related"]

    assert [card["slug"] for card in related] == [other.slug for other in others[:0:-1]]


@pytest.mark.parametrize("hidden", ["draft", "deleted", "without variants", "unknown"])
def test_what_is_not_visible_is_not_found(client: Client, hidden: str) -> None:
    product = make_product(slug="one")
    if hidden == "draft":
        Product.objects.update(is_published=False)
    elif hidden == "deleted":
        Product.objects.update(deleted_at=timezone.now())
    elif hidden == "without variants":
        Variant.objects.update(is_active=False)
    else:
        Product.objects.filter(pk=product.pk).update(slug="other")

    response = client.get("/v1/products/one")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_the_tree_counts_what_is_visible_here_and_below(client: Client) -> None:
    audio = make_category("audio", name="Audio")
    phones = make_category("headphones", name="Headphones", parent=audio)
    Category.objects.filter(pk=audio.pk).update(description="All that sounds.")
    make_category("empty", name="Empty")
    make_product(category=audio)
    image = make_image(make_product(category=phones))
    make_product(category=phones, is_published=False)
    picture: dict[str, object] = {"url": f"/media/{image.file.name}", "alt": image.alt}
    picture |= {"width": 40, "height": 30, "sizes": []}

    tree = client.get("/v1/categories").json()

    headphones = {
        "slug": "headphones",
        "name": "Headphones",
        "description": "",
        "parent": "audio",
        "count": 1,
        "image": picture,
        "children": [],
    }
    assert tree["items"] == [
        {
            "slug": "audio",
            "name": "Audio",
            "description": "All that sounds.",
            "parent": None,
            "count": 2,
            "image": picture,
            "children": [headphones],
        },
        {
            "slug": "empty",
            "name": "Empty",
            "description": "",
            "parent": None,
            "count": 0,
            "image": None,
            "children": [],
        },
    ]
    one = client.get("/v1/categories/headphones").json()
    assert one.pop("breadcrumb") == [
        {"slug": "audio", "name": "Audio"},
        {"slug": "headphones", "name": "Headphones"},
    ]
    assert one == headphones


def test_the_tree_makes_one_picture_a_category_however_many_there_are() -> None:
    category = make_category()
    for _ in range(3):
        make_image(product := make_product(category=category))
        make_image(product, colour="blue")

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + TREE_SQL)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    (times,) = re.findall(r"rendition.* loops=(\d+)\)", plan)
    assert int(times) == 1


def test_the_tree_may_have_any_depth(client: Client) -> None:
    audio = make_category("audio")
    phones = make_category("headphones", parent=audio)
    make_product(category=make_category("in-ear", parent=phones))

    (top,) = client.get("/v1/categories").json()["items"]

    (below,) = top["children"]
    (deepest,) = below["children"]
    assert [(node["slug"], node["count"]) for node in (top, below, deepest)] == [
        ("audio", 1),
        ("headphones", 1),
        ("in-ear", 1),
    ]


def test_an_unknown_category_has_no_page(client: Client) -> None:
    assert client.get("/v1/categories/nothing").status_code == 404
