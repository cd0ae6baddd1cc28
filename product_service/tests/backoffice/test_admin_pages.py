"""No page of the back office has inline script or style."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from product_service.tests.factories import (
    make_image,
    make_product,
    make_value,
)
from tests.effort import third

pytestmark = pytest.mark.django_db
PAGES = [
    "",
    "catalogue/product/",
    "catalogue/product/add/",
    "catalogue/category/",
    "catalogue/category/add/",
    "catalogue/attribute/",
    "catalogue/attribute/add/",
    "catalogue/option/",
    "inventory/stockitem/",
    "inventory/stockmovement/",
    "inventory/reservation/",
    "bulk/bulkchange/",
    "stocktake/stocktake/",
    "stocktake/stocktake/add/",
    "auth/user/",
    "password_change/",
]


@pytest.mark.parametrize("page", third(PAGES))
def test_no_page_has_inline_script_or_style(admin_client: Client, page: str) -> None:
    product = make_product()
    make_image(product)
    make_value(product, "battery", 30)

    response = admin_client.get(f"/admin/{page}")

    assert_nothing_inline(response)


def test_the_pages_of_rows_have_nothing_inline(admin_client: Client) -> None:
    product = make_product()
    make_image(product)
    variant = product.variants.get()
    for page in (
        f"catalogue/product/{product.pk}/change/",
        f"catalogue/product/{product.pk}/history/",
        f"catalogue/category/{product.category_id}/change/",
        f"inventory/stockitem/{variant.pk}/change/",
        f"inventory/stockitem/{variant.pk}/adjust/",
    ):
        assert_nothing_inline(admin_client.get(f"/admin/{page}"))
    assert_nothing_inline(Client().get("/admin/login/"))


def assert_nothing_inline(response: Any) -> None:
    page = response.content.decode()
    assert response.status_code == 200
    assert "admin_skin/admin.css" in page
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script>|javascript:", page) == []
    for tag in re.findall(r"<script[^>]*>", page):
        assert " src=" in tag or 'type="application/json"' in tag
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
