"""POST /v1/quotes: what the lines of a basket cost now."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from product_service.catalogue.models import Price, Product, Variant
from product_service.tests.factories import make_image, make_product

pytestmark = pytest.mark.django_db


def post(client: Client, *lines: tuple[str, object]) -> Any:
    body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines]}
    return client.post("/v1/quotes", body, content_type="application/json")


def quote(client: Client, *lines: tuple[str, int]) -> list[dict[str, Any]]:
    response = post(client, *lines)
    assert response.status_code == 200, response.content
    answer: list[dict[str, Any]] = response.json()["lines"]
    return answer


def test_a_line_has_all_that_a_basket_shows(client: Client) -> None:
    product = make_product("One", sku="ONE", price="19.90", stock=7)
    Variant.objects.update(options={"colour": "Black"})
    image = make_image(product)

    response = post(client, ("ONE", 2))

    assert response.json() == {
        "currency": "EUR",
        "lines": [
            {
                "sku": "ONE",
                "variant_id": product.variants.get().pk,
                "quantity": 2,
                "status": "ok",
                "available": 7,
                "name": "One",
                "options": {"colour": "Black"},
                "product_slug": product.slug,
                "image": {
                    "url": f"/media/{image.file.name}",
                    "alt": image.alt,
                    "width": 40,
                    "height": 30,
                    "sizes": [],
                },
                "unit_price": {"amount": "19.90", "currency": "EUR"},
                "tax_class": "standard",
            }
        ],
    }


def test_lines_keep_their_order_and_each_says_how_it_stands(client: Client) -> None:
    make_product(sku="MANY", stock=500)
    make_product(sku="FEW", stock=2)
    make_product(sku="NONE", stock=0)

    lines = quote(client, ("NONE", 1), ("UNKNOWN", 1), ("FEW", 3), ("MANY", 99))

    assert [(line["sku"], line["status"], line["available"]) for line in lines] == [
        ("NONE", "sold_out", 0),
        ("UNKNOWN", "unavailable", 0),
        ("FEW", "less_left", 2),
        ("MANY", "ok", 99),
    ]


def test_lines_of_one_sku_are_judged_together(client: Client) -> None:
    make_product(sku="FEW", stock=5)

    lines = quote(client, ("FEW", 3), ("FEW", 3))

    assert [line["status"] for line in lines] == ["less_left", "less_left"]


def test_a_picture_of_the_variant_comes_first(client: Client) -> None:
    product = make_product(sku="ONE")
    make_image(product, colour="red")
    own = make_image(product, colour="blue", variant=product.variants.get())

    (line,) = quote(client, ("ONE", 1))

    assert line["image"]["url"] == f"/media/{own.file.name}"


@pytest.mark.parametrize("gone", ["draft", "deleted", "switched off", "without price", "unknown"])
def test_what_is_no_longer_sold_is_unavailable(client: Client, gone: str) -> None:
    make_product(sku="ONE")
    if gone == "draft":
        Product.objects.update(is_published=False)
    elif gone == "deleted":
        Product.objects.update(deleted_at=timezone.now())
    elif gone == "switched off":
        Variant.objects.update(is_active=False)
    elif gone == "without price":
        Price.objects.all().delete()
    else:
        Variant.objects.update(sku="OTHER")

    assert quote(client, ("ONE", 1)) == [
        {
            "sku": "ONE",
            "variant_id": None,
            "quantity": 1,
            "status": "unavailable",
            "available": 0,
            "name": None,
            "options": {},
            "product_slug": None,
            "image": None,
            "unit_price": None,
            "tax_class": "standard",
        }
    ]


def test_fifty_lines_are_one_statement(client: Client, django_assert_num_queries: Any) -> None:
    lines = []
    for number in range(50):
        make_product(sku=f"ONE-{number}")
        lines.append((f"ONE-{number}", 1))

    with django_assert_num_queries(1):
        answer = quote(client, *lines)

    assert [line["status"] for line in answer] == ["ok"] * 50
