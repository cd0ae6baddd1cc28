"""Lists of the back office: found, filtered, sorted as people expect, in few statements."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.text import slugify

from product_service.catalogue.models import (
    Attribute,
    Option,
    Variant,
)
from product_service.inventory.models import StockItem
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.django_db


def test_search_by_sku_and_name_and_the_filters(admin_client: Client) -> None:
    low = make_product("Low one", sku="LOW-1", stock=2)
    plenty = make_product("Plenty", sku="MANY-1", stock=50)
    make_variant(plenty, "OFF-1", stock=2, is_active=False, options={"colour": "Red"})
    make_product("Sold out one", stock=0)
    StockItem.objects.get_or_create(variant=Variant.objects.get(product__name="Sold out one"))
    make_product("Draft one", is_published=False, stock=50)
    make_product("Gone one", deleted_at=timezone.now(), stock=50)
    make_image(low)

    def listed(query: str) -> list[str]:
        page = admin_client.get(f"/admin/catalogue/product/?{query}").content.decode()
        return re.findall(r'<th class="field-name"><a[^>]*>([^<]*)</a>', page)

    assert listed("") == ["Draft one", "Low one", "Plenty", "Sold out one"]
    assert listed("q=many-1") == ["Plenty"]
    assert listed("q=plen") == ["Plenty"]
    assert listed("stock=low") == ["Low one"]
    assert listed("stock=out") == ["Sold out one"]
    assert listed("visible=unpublished") == ["Draft one"]
    assert listed("visible=published") == ["Low one", "Plenty", "Sold out one"]
    assert listed("visible=no-image") == ["Draft one", "Plenty", "Sold out one"]
    assert listed("visible=removed") == ["Gone one"]


def test_the_list_needs_as_many_statements_for_forty_products_as_for_four(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    def statements() -> int:
        with django_assert_max_num_queries(12) as captured:
            admin_client.get("/admin/catalogue/product/")
        return len(captured)

    for _ in range(4):
        make_product()
    few = statements()
    for n in range(36):
        make_variant(make_product(), f"SECOND-{n}", options={"n": str(n)})

    assert statements() == few


NAMES = ["Apfel", "Äpfel 2", "Phone 9", "Phone 10", "Zebra"]
LISTS: dict[str, Callable[[str], Any]] = {
    "catalogue/product": make_product,
    "catalogue/category": lambda name: make_category(name=name),
    "catalogue/attribute": lambda name: Attribute.objects.create(code=slugify(name), name=name),
    "catalogue/option": lambda name: Option.objects.create(code=slugify(name), name=name),
    "inventory/stockitem": make_product,
}


def list_of(client: Client, where: str, **query: str) -> Any:
    response: Any = client.get(f"/admin/{where}/", query)
    return response.context_data["cl"]


@pytest.mark.parametrize("where", LISTS)
def test_a_column_of_names_sorts_as_people_expect(admin_client: Client, where: str) -> None:
    for name in reversed(NAMES):
        LISTS[where](name)
    column = "product" if where == "inventory/stockitem" else "name"
    place = list_of(admin_client, where).list_display.index(column)

    for order, expected in ((f"{place}", NAMES), (f"-{place}", NAMES[::-1])):
        rows = list_of(admin_client, where, o=order).result_list
        names = [str(row.variant.product if column == "product" else row) for row in rows]
        assert [name for name in names if name in NAMES] == expected


@pytest.mark.parametrize("address", ["?slug__regex=[", "?o=1&slug__regex=["])
def test_lists_of_names_take_no_other_filter(admin_client: Client, address: str) -> None:
    response = admin_client.get(f"/admin/catalogue/product/{address}", follow=True)

    assert "This list cannot be filtered like that" in response.content.decode()
