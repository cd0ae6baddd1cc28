"""+5 % on a category, seen and undone, as a shop manager does it in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from product_service.tests.backoffice.browsing import signed_in_browser
from product_service.tests.backoffice.choosing import price
from product_service.tests.factories import make_category, make_product
from tests.e2e.browser import chromium_path

NO_BROWSER = "no Chromium found: apt-get install chromium-headless-shell, or set CHROMIUM"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(chromium_path() is None, reason=NO_BROWSER)
def test_five_percent_on_a_category_takes_eight_clicks_at_most(
    live_server: Any, admin_client: Client
) -> None:
    audio = make_category("audio")
    make_category("video")
    make_product(sku="OTHER", category=make_category())
    for n in range(3):
        make_product(sku=f"MUG-{n}", category=audio)

    with signed_in_browser(live_server.url, admin_client) as hand:
        page = hand.page
        page.goto("/admin/catalogue/product/")
        hand.click("Audio", "link")
        page.locator("#action-toggle").click()
        hand.choose("Action:", "Change prices")
        hand.click("Go")
        expect(page.get_by_label("By")).to_be_focused()
        page.keyboard.type("5")
        hand.click("Preview")
        page.get_by_text("3 prices change.").wait_for()
        assert page.get_by_text("€20.90").count() == 3
        found = hand.sound(390)
        expect(page.get_by_label("Reason")).to_be_focused()
        page.keyboard.type("New list")
        hand.click("Change 3 prices")
        page.get_by_text("Made by admin").wait_for()
        assert page.get_by_text("€20.90").count() == 3
        found += hand.sound(1280)
        hand.click("Undo")
        page.get_by_text("3 changes are undone.").wait_for()

    assert hand.clicks + 1 <= 8
    assert (price("MUG-0"), price("OTHER")) == ("19.90", "19.90")
    assert found == []
