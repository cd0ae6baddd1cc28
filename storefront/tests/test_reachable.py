"""Every published product can be reached from the home page by links alone."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin

import pytest

from storefront import last_known
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import Catalogue, Item, Variant
from tests.effort import tries

# Category -> the one above it. A hidden one is not in the tree that product_service answers, and
# what is in it counts in the one above.
SHAPES: dict[str, dict[str, str | None]] = {
    "three levels": {"a": None, "b": "a", "c": "b"},
    "a hidden middle": {"a": None, "c": "a"},
    "a product in a parent": {"a": None, "b": "a"},
    "only tops": {"a": None, "b": None},
}


def crawl(shopper: Shopper, *, without: str = "") -> set[str]:
    """The products that menus, pages of categories and pagers lead to."""
    seen, waiting, found = set(), ["/"], set()
    while waiting:
        address = waiting.pop()
        if address in seen or (without and address.startswith(without)):
            continue
        seen.add(address)
        page = shopper.open(address)
        assert page.status == 200
        for href in re.findall(r'href="([^"#]*)"', page.html):
            target = urljoin(address, unescape(href))
            if match := re.match(r"/p/([^/]+)/", target):
                found.add(match[1])
            elif re.match(r"/(c/|products/)", target):
                waiting.append(target)
    return found


@pytest.mark.parametrize("shape", list(SHAPES)[: tries(2, 4)])
def test_every_published_product_is_reachable(
    shopper: Shopper, catalogue: Catalogue, shape: str
) -> None:
    catalogue.parents = dict(SHAPES[shape])
    catalogue.names = {slug: slug.title() for slug in catalogue.parents}
    catalogue.items = [
        Item(f"{slug}-{number}", "Thing", [Variant(f"{slug}-{number}", "9.00")], slug)
        for slug in catalogue.parents
        for number in range(21)
    ]
    published = {item.slug for item in catalogue.items}

    assert crawl(shopper, without="/products/") == published
    assert crawl(shopper, without="/c/") == published  # whatever the tree is like


def test_a_top_category_is_in_the_menu_if_products_are_in_it_itself(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    def menu() -> list[str]:
        page = shopper.open("/").html.partition('aria-label="Categories"')[2]
        return re.findall(r'href="/c/([^/]*)/"', page.partition("</nav>")[0])

    assert menu() == ["laptops", "keyboards", "headphones"]
    catalogue.items.append(Item("mat", "Mat", [Variant("MAT", "9.00")], "desk"))
    last_known._copies.clear()
    assert menu() == ["desk", "laptops", "keyboards", "headphones"]
