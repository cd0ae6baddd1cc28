"""The front page of the catalogue's back office says what waits for somebody."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from product_service.catalogue.models import Price
from product_service.stocktake.models import StockTake
from product_service.tests.backoffice.test_admin_pages import assert_nothing_inline
from product_service.tests.factories import make_image, make_product, make_stock

pytestmark = pytest.mark.django_db


def tasks(client: Client) -> dict[str, tuple[str, str]]:
    """Title: its count and its address."""
    response = client.get("/admin/")
    assert_nothing_inline(response)
    found = re.findall(
        r'<th scope="row"><a href="([^"]*)">([^<]*)</a></th>\s*<td>(?:<b>)?(\w+)',
        response.content.decode(),
    )
    return {title: (count, html.unescape(address)) for address, title, count in found}


def test_each_task_counts_what_its_list_shows(admin_client: Client) -> None:
    make_stock("OUT", 0)
    make_stock("LOW", 3)
    make_image(make_product(sku="BARE", stock=50))
    Price.objects.filter(variant__sku="BARE").delete()
    make_product(is_published=False, stock=50)
    make_product(is_published=False, stock=50, deleted_at=timezone.now())
    StockTake.objects.create(name="Shelf 2", opened_by="anna")
    StockTake.objects.create(name="Shelf 1", opened_by="anna", booked_at=timezone.now())

    found = tasks(admin_client)

    assert {title: count for title, (count, _) in found.items()} == {
        "Products with a variant that is sold out": "1",
        "Variants of which few are left": "1",
        "Variants that last for less than two weeks": "none",
        "Products without a picture": "3",
        "Products with a variant without a price": "1",
        "Products that are not published": "1",
        "Stock-takes that are not booked": "1",
    }
    for title, (count, address) in found.items():
        if count != "none":
            page: Any = admin_client.get(address)
            rows = page.context_data["cl"].result_count
            assert (title, str(rows)) == (title, count)


def test_nobody_is_told_of_what_they_may_not_see(client: Client) -> None:
    keeper = User.objects.create_user("keeper", is_staff=True)
    keeper.user_permissions.add(Permission.objects.get(codename="view_stockitem"))
    client.force_login(keeper)

    assert {address for _, address in tasks(client).values()} == {
        "/admin/inventory/stockitem/?level=low",
        "/admin/inventory/stockitem/?level=short",
        "/admin/stocktake/stocktake/?state=open",
    }
