"""The widest page of the back office fits into a browser's window."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from product_service.tests.factories import make_image, make_product
from tests.e2e.browser import chromium, chromium_path, overflow

NO_BROWSER = "no Chromium found: apt-get install chromium-headless-shell, or set CHROMIUM"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(chromium_path() is None, reason=NO_BROWSER)
def test_a_product_with_pictures_fits(live_server: Any, admin_client: Client) -> None:
    product = make_product(sku="DM-PHO0032-01")
    make_image(product, variant=product.variants.get())
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": admin_client.cookies[name].value, "url": live_server.url}
    address = f"{live_server.url}/admin/catalogue/product/{product.pk}/change/"

    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(address)
        assert page.locator("#id_images-0-alt").is_visible()
        assert overflow(page) == 0
        page.set_viewport_size({"width": 390, "height": 844})
        assert overflow(page) == 0
