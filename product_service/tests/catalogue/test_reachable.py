"""Every published product is reachable: by menus, category pages and the pager of lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from product_service.catalogue.models import Category, Product
from product_service.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db

# Each tree: category -> (the one above, or None; whether it is hidden). A product is in each.
TREES = {
    "a product in a parent": {"a": (None, False), "b": ("a", False)},
    "three levels": {"a": (None, False), "b": ("a", False), "c": ("b", False)},
    "a hidden middle": {"a": (None, False), "b": ("a", True), "c": ("b", False)},
    "a hidden leaf": {"a": (None, False), "b": ("a", True)},
    "two hidden in a row": {"a": (None, False), "b": ("a", True), "c": ("b", True)},
    "a hidden top with a child": {"a": (None, True), "b": ("a", False)},
}


def plant(tree: dict[str, tuple[str | None, bool]]) -> None:
    for slug, (above, is_hidden) in tree.items():
        parent = Category.objects.get(slug=above) if above else None
        category = make_category(slug, parent=parent)
        Category.objects.filter(pk=category.pk).update(is_hidden=is_hidden)
        for number in range(3):
            make_product(f"{slug} {number}", slug=f"{slug}-{number}", category=category)


def listed(client: Client, **filters: str) -> set[str]:
    found: set[str] = set()
    page = 1
    while True:
        answer = client.get("/v1/products", {**filters, "page": str(page), "page_size": "2"}).json()
        found |= {item["slug"] for item in answer["items"]}
        if page * 2 >= answer["count"]:
            return found
        page += 1


def flat(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for node in nodes for each in (node, *flat(node["children"]))]


@pytest.mark.parametrize("name", TREES)
def test_every_published_product_is_in_the_list_of_a_category_that_is_shown(
    client: Client, name: str
) -> None:
    plant(TREES[name])
    nodes = flat(client.get("/v1/categories").json()["items"])

    assert {node["slug"] for node in nodes} == {
        slug for slug, (_, is_hidden) in TREES[name].items() if not is_hidden
    }
    for node in nodes:
        assert len(listed(client, category=node["slug"])) == node["count"]
    reached = {slug for node in nodes for slug in listed(client, category=node["slug"])}
    published = set(Product.objects.published().values_list("slug", flat=True))
    under_nothing = {f"a-{n}" for n in range(3)} if TREES[name]["a"][1] else set()
    assert reached == published - under_nothing
    assert listed(client) == published  # the page of all products shows those as well


def test_a_hidden_category_has_no_page_and_its_products_keep_theirs(client: Client) -> None:
    plant(TREES["a hidden middle"])

    assert client.get("/v1/categories/b").status_code == 404
    assert client.get("/v1/products?category=b").status_code == 404
    product = client.get("/v1/products/b-0").json()
    assert product["breadcrumb"] == [{"slug": "a", "name": "A"}]
    assert client.get("/v1/categories/c").json()["parent"] == "a"
    way = client.get("/v1/products/c-0").json()["breadcrumb"]
    assert [step["slug"] for step in way] == ["a", "c"]
