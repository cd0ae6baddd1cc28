"""What a phone shows without being asked: more categories, and the price of a product."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import NewPage
from tests.e2e.shopper import Shopper


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_strip_of_categories_ends_in_a_link_to_all_of_them(
    new_page: NewPage, base_url: str, script: bool
) -> None:
    page = new_page(width=390, java_script_enabled=script)
    page.goto(base_url + "/cart/")
    strip = page.get_by_role("navigation", name="Categories")
    everything = strip.get_by_role("link", name="All categories")
    expect(everything).to_be_in_viewport()
    assert right_edge(everything) <= 390
    hidden = strip.get_by_role("link", name="Headphones")
    expect(hidden).not_to_be_in_viewport()
    hidden.focus()
    expect(hidden).to_be_in_viewport(ratio=1)
    assert right_edge(hidden) <= left_edge(everything)
    everything.click()
    expect(page.locator(".tile", has_text="Cameras")).to_be_in_viewport()


def test_bar_at_the_foot_of_a_product_shows_its_price(new_page: NewPage, base_url: str) -> None:
    page = new_page(width=390)
    Shopper(page, base_url).choose_product()
    bar = page.locator(".buy__price")
    expect(bar).to_be_in_viewport()
    expect(bar).to_have_text(page.locator(".price__now").first.inner_text())


def left_edge(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"]


def right_edge(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"]
