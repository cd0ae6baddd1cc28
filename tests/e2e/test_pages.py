"""Every page at all widths and in both themes: accessible, within its window, nothing broken."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import broken_pictures
from tests.e2e.conftest import NewPage
from tests.e2e.shopper import Shopper
from tests.e2e.strain import misprinted, strained
from tests.effort import IS_THOROUGH

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PROVOKED = frozenset({404, 422})
# What a theme can break: both differ in colours alone (storefront/static/css/tokens.css).
COLOURS = "runOnly: ['color-contrast', 'link-in-text-block']"


def faults(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is shown, in both themes."""
    page.emulate_media(color_scheme="light")
    found = inaccessible(page, f"{name}, light")
    page.emulate_media(color_scheme="dark")
    return found + inaccessible(page, f"{name}, dark", COLOURS)


def inaccessible(page: Page, name: str, options: str = "") -> list[str]:
    run = f"axe.run({{resultTypes: ['violations'], {options}}})"
    result: dict[str, Any] = page.evaluate(run)
    assert result["passes"], "axe looked at nothing"
    return [
        f"{name}: {violation['id']}: {node['html'][:120]} {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_sound_narrow_with_large_text_and_on_paper(
    new_page: NewPage, base_url: str, width: int
) -> None:
    page = new_page(width=width, bypass_csp=True, expected=PROVOKED)
    page.add_init_script(path=AXE)
    shopper = Shopper(page, base_url)
    found: list[str] = []
    looks = itertools.count()

    def look(name: str) -> None:
        found.extend(f"{name}: broken picture {source}" for source in broken_pictures(page))
        # axe takes longer than all else: in turn one page narrow and the next one wide.
        if (next(looks) % 2 == 0) == (width == 390) or IS_THOROUGH:
            found.extend(faults(page, name))
        widths = (320, 390) if width == 390 else (1280,)
        found.extend(f"{name}: {fault}" for fault in strained(page, *widths))
        if width == 1280:
            found.extend(f"{name}: {fault}" for fault in misprinted(page, base_url))

    shopper.open("/")
    look("home")
    page.locator("a.tile").first.click()
    page.wait_for_url("**/c/*/")
    look("category")
    for name, path in (
        ("search", "/search/?q=e"),
        ("search without result", "/search/?q=zzqqxx"),
        ("not found", "/p/no-such-thing/"),
        ("look-up", "/orders/"),
        ("empty cart", "/cart/"),
    ):
        shopper.open(path)
        look(name)
    shopper.choose_product()
    look("product")
    shopper.put_into_cart()
    look("cart")
    shopper.go_to_checkout()
    page.get_by_role("button", name="Continue to delivery").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look("contact with an error")
    shopper.contact()
    look("delivery")
    shopper.delivery()
    look("payment")
    shopper.payment()
    look("review")
    shopper.pay()
    look("order placed")
    shopper.see_confirmed()
    look("order confirmed")
    assert found == []


@pytest.mark.parametrize("path", ["/", "/search/?q=e"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_list_stays_within_25_requests(
    new_page: NewPage, base_url: str, width: int, path: str
) -> None:
    page = new_page(width=width)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(base_url + path, wait_until="networkidle")
    broken_pictures(page)  # loads the lazy ones too
    assert len(requests) <= 25


def test_theme_is_chosen_in_the_footer_and_stays(new_page: NewPage, base_url: str) -> None:
    page = new_page(color_scheme="light")
    page.goto(base_url + "/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(251, 251, 252)", "rgb(15, 17, 21)")
    page.goto(base_url + "/cart/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_page_does_not_shift_while_it_loads(new_page: NewPage, base_url: str) -> None:
    page = new_page(width=390)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        "  for (const entry of list.getEntries()) window.shift += entry.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(base_url + "/", wait_until="networkidle")
    assert page.evaluate("window.shift") <= 0.02
