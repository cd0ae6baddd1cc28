"""How long the stock lasts, and what has moved it, as the back office shows it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from product_service.inventory.models import StockItem, StockMovement
from product_service.tests.backoffice.test_admin_pages import assert_nothing_inline
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock

pytestmark = pytest.mark.django_db


def sell(order_service: OrderService, sku: str, pieces: int) -> uuid.UUID:
    order_id = uuid.uuid4()
    order_service.put(order_id, {sku: pieces})
    order_service.commit(order_id)
    return order_id


def age(sku: str, days: int) -> None:
    """Let all movements of a SKU have happened so many days ago."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE stock_movement DISABLE TRIGGER USER")
        moved = StockMovement.objects.filter(stock_item__variant__sku=sku)
        moved.update(at=F("at") - timedelta(days=days))
        cursor.execute("ALTER TABLE stock_movement ENABLE TRIGGER USER")


def listed(client: Client, query: str = "") -> dict[str, tuple[str, str]]:
    """SKU: sold in 28 days, days of cover."""
    page = client.get(f"/admin/inventory/stockitem/{query}").content.decode()
    rows = re.findall(
        r'field-sku"><a[^>]*>([^<]*)<.*?field-sold">([^<]*)<.*?field-cover">([^<]*)<',
        page,
        re.DOTALL,
    )
    return {sku: (sold, cover) for sku, sold, cover in rows}


def test_days_of_cover_come_from_the_sales_of_four_weeks(
    admin_client: Client, order_service: OrderService
) -> None:
    make_stock("OLD", 20)
    sell(order_service, "OLD", 10)
    age("OLD", 29)
    make_stock("MUG", 24)
    sell(order_service, "MUG", 14)
    make_stock("CUP", 40)
    sell(order_service, "CUP", 4)
    order_service.delete(sell(order_service, "CUP", 10))
    order_service.put(uuid.uuid4(), {"CUP": 8})

    assert listed(admin_client) == {"CUP": ("4", "196"), "MUG": ("14", "20"), "OLD": ("0", "—")}


def test_what_lasts_for_less_than_two_weeks_is_a_filter(
    admin_client: Client, order_service: OrderService
) -> None:
    make_stock("MUG", 41)
    make_stock("CUP", 42)
    for sku in ("MUG", "CUP"):
        sell(order_service, sku, 28)

    assert list(listed(admin_client, "?level=short")) == ["MUG"]
    assert listed(admin_client)["CUP"] == ("28", "14")


def test_the_page_shows_the_ledger_as_a_chart_and_a_table(
    admin_client: Client, order_service: OrderService
) -> None:
    item = make_stock("MUG", 20)
    age("MUG", 10)
    sell(order_service, "MUG", 5)

    response = admin_client.get(f"/admin/inventory/stockitem/{item.pk}/change/")

    assert_nothing_inline(response)
    page = response.content.decode()
    assert "first 0, now 15, between 0 and 20" in page
    points = re.findall(r'points="([^"]*)"', page)[0].split()
    assert len(points) == 182
    assert (points[0], points[-1]) == ("0.0,120.0", "640.0,30.0")
    assert points[-4].endswith(",0.0")
    rows = re.findall(r"<td>([+-]?\d+)</td>\s*<td>([+-]?\d+)</td>\s*<td>(\d+)</td>", page)
    assert rows == [("-5", "-5", "15"), ("0", "+5", "20"), ("+20", "0", "20")]
    assert ">3 movements</a>" in page


def test_the_list_takes_no_statement_for_a_row(
    admin_client: Client, django_assert_num_queries: Any
) -> None:
    make_stock("MUG", 20)
    admin_client.get("/admin/inventory/stockitem/")
    with django_assert_num_queries(8, exact=False) as few:
        admin_client.get("/admin/inventory/stockitem/")
    for n in range(20):
        make_stock(f"CUP-{n}", 20)
    with django_assert_num_queries(len(few)):
        admin_client.get("/admin/inventory/stockitem/")
    assert StockItem.objects.count() == 21
