"""A product of nine variants and three pictures, entered on one page and seen in the shop.

The measure is what a person does: at most 20 clicks and 30 fields.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from deploy.local import environment
from tests.e2e.browser import broken_pictures, overflow
from tests.e2e.conftest import NewPage
from tests.e2e.test_pages import faults
from tests.shop import Shop

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PASSWORD = "a password of this test"
COLOURS = ("Green", "Black", "Blue")
MOST_CLICKS, MOST_FIELDS = 20, 30


@dataclass
class Manager:
    """Somebody who fills in a form, with what it takes."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.fields += 1
        what.fill(text)
        what.press("Tab")

    def choose(self, what: Locator, label: str) -> None:
        self.fields += 1
        what.select_option(label=label)


def picture(colour: str) -> FilePayload:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), colour.lower()).save(buffer, "PNG")
    return FilePayload(name=f"{colour}.png", mimeType="image/png", buffer=buffer.getvalue())


@pytest.fixture
def office(shop: Shop, base_url: str) -> str:
    """Where the back office of the catalogue is."""
    shop.manage("product_service", "ensure_staff", "--username", "manager", "--password", PASSWORD)
    return environment.addresses(shop.ports)["PRODUCT_SERVICE_URL"] + "/admin/"


def sign_in(page: Page, office: str) -> None:
    page.goto(office)
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_nine_variants_and_three_pictures_on_one_page(
    new_page: NewPage, base_url: str, office: str
) -> None:
    page = new_page(bypass_csp=True, reduced_motion="reduce")  # colours change at once
    page.add_init_script(path=AXE)
    sign_in(page, office)
    manager = Manager(page)
    manager.click(page.locator("#content .model-product .addlink"))
    address = page.url
    manager.fill(page.get_by_label("Name", exact=False).first, "Steady mug")
    manager.fill(page.get_by_label("Brand:"), "Auralis")
    manager.choose(page.get_by_label("Category:"), "Monitors")
    manager.fill(page.get_by_label("Description:"), "Keeps tea warm.")
    manager.fields += 1
    page.get_by_label("Add pictures:").set_input_files([picture(each) for each in COLOURS])
    names, values = page.locator(".option-name"), page.locator(".option-value")
    manager.fill(names.nth(0), "Colour")
    manager.fill(values.nth(0), ", ".join(COLOURS))
    manager.click(page.get_by_role("button", name="Add another option"))
    manager.fill(names.nth(1), "Size")
    manager.fill(values.nth(1), "S, M, L")
    manager.fill(page.locator("#id_all_amount"), "19.90")
    manager.fill(page.locator("#id_all_on_hand"), "5")
    pictures = page.locator("#images-group tr.form-row:not(.empty-form)")
    expect(pictures).to_have_count(3)
    for row, colour in enumerate(COLOURS):
        manager.fill(pictures.nth(row).get_by_label("Alternative text"), f"A {colour} mug")
        manager.choose(pictures.nth(row).get_by_label("Shows all"), f"Colour: {colour}")
    manager.click(page.get_by_label("Is published"))
    assert faults(page, "a new product") == []
    assert page.url == address
    manager.click(page.get_by_role("button", name="Save and continue editing"))
    assert broken_pictures(page) == []
    assert faults(page, "a saved product") == []
    manager.click(page.get_by_role("link", name="View on site"))

    expect(page.get_by_role("heading", name="Steady mug")).to_be_visible()
    expect(page.locator(".picker__value")).to_have_count(6)
    assert broken_pictures(page) == []
    page.get_by_role("link", name="Black").click()
    expect(page.locator(".gallery__frame img").first).to_have_attribute("alt", "A Black mug")
    assert manager.clicks <= MOST_CLICKS
    assert manager.fields <= MOST_FIELDS


@pytest.mark.parametrize("width", [1024, 390])
def test_a_product_fits_into_the_window(new_page: NewPage, office: str, width: int) -> None:
    page = new_page(width=390)
    sign_in(page, office)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{office}catalogue/product/")
    page.locator("#result_list .field-name a").first.click()
    expect(page.locator("#id_name")).to_be_visible()

    assert overflow(page) == 0


def test_a_product_is_entered_by_keyboard_alone(new_page: NewPage, office: str) -> None:
    page = new_page()
    sign_in(page, office)
    page.goto(f"{office}catalogue/product/add/")
    keys = page.keyboard
    page.locator("#id_name").press_sequentially("Quiet mug")
    reach(page, "#id_brand")
    keys.type("Auralis")
    reach(page, "#id_category")
    keys.type("Monitors")
    reach(page, ".option-name")
    keys.type("Size")
    keys.press("Enter")
    keys.type("S,M")
    keys.press("Enter")
    keys.press("Backspace")  # takes M out again
    keys.type("L,")
    reach(page, "#id_all_amount")
    keys.type("5")
    reach(page, "[name=is_published]")
    keys.press("Space")
    reach(page, "[name=_continue]")
    keys.press("Enter")

    expect(page.locator(".messagelist .success")).to_contain_text("Quiet mug")
    options = page.locator('#variants-group [name$="-options"]:visible')
    found = [options.nth(n).input_value() for n in range(options.count())]
    assert found == ["Size: S", "Size: L"]


def reach(page: Page, selector: str) -> None:
    """Go on with Tab until the field has the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")
