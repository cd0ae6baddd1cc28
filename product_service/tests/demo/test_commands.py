"""seed_demo and remove_demo: once, completely, and nobody else's data."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.test import Client

from product_service.catalogue.models import Attribute, Category, Image, ImageBlob, Product, Variant
from product_service.inventory.models import StockItem, StockMovement

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue().strip()


def test_seeding_twice_adds_nothing() -> None:
    assert run("seed_demo") == "Added 200 products of the demo shop."
    before = (Variant.objects.count(), Image.objects.count(), StockMovement.objects.count())
    assert before[0] == 480
    assert run("seed_demo") == "The demo shop is there already: 200 products."
    after = (Variant.objects.count(), Image.objects.count(), StockMovement.objects.count())
    assert after == before


def test_stock_agrees_with_its_movements() -> None:
    run("seed_demo")
    sums = StockItem.objects.annotate(moved=Sum("movements__d_on_hand"), n=Count("movements"))
    for on_hand, version, moved, count in sums.values_list("on_hand", "version", "moved", "n"):
        assert (on_hand, version) == (moved or 0, count)


def test_the_shop_shows_what_was_seeded(client: Client) -> None:
    run("seed_demo")
    page = client.get("/v1/products?page_size=100").json()
    assert page["count"] == 197
    assert all(item["image"] and len(item["key_specs"]) == 3 for item in page["items"])
    assert client.get(page["items"][0]["image"]["url"]).status_code == 200
    detail = client.get("/v1/products/ostrelle-nova-5").json()
    assert len(detail["variants"]) == 24
    assert len({variant["image"]["url"] for variant in detail["variants"]}) == 6
    assert len(detail["images"]) == 7


def test_a_larger_shop_adds_to_the_smaller_one() -> None:
    run("seed_demo", "--products", "20")
    assert run("seed_demo", "--products", "30") == "Added 10 products of the demo shop."


def test_removing_leaves_own_data_alone() -> None:
    own = Category.objects.create(slug="own", name="Own")
    kept = Product.objects.create(slug="own", name="Own", brand="Own", category=own)
    Variant.objects.create(product=kept, sku="OWN-1")
    run("seed_demo")
    Variant.objects.create(product=Product.objects.get(slug="ostrelle-nova-5"), sku="OWN-2")
    assert run("remove_demo") == "Removed 199 products of the demo shop."
    assert set(Variant.objects.values_list("sku", flat=True)) == {"OWN-1", "OWN-2"}
    assert set(Category.objects.values_list("slug", flat=True)) == {"own", "phones-tablets"}
    assert not StockItem.objects.exists()
    assert Attribute.objects.exists()  # those of the product that stays
    assert ImageBlob.objects.count() == Image.objects.values("file").distinct().count()
