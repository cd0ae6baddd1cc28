"""Bulk changes as the back office is used for them: choose in the list, preview, confirm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.test import Client

from chassis.tests.back_office import fields_of
from product_service.catalogue.models import Price, Product


def choose(client: Client, action: str, products: Iterable[Product], query: str = "") -> Any:
    """The page that the action leads to; without products all that the list shows."""
    ids = [product.pk for product in products]
    data = {"action": action, "_selected_action": ids or [Product.objects.order_by("pk")[0].pk]}
    data |= {} if ids else {"select_across": "1"}
    return client.post(f"/admin/catalogue/product/{query}", data, follow=True)


def preview(client: Client, page: Any, **rule: Any) -> Any:
    data = {"_preview": "Preview", **rule}
    return client.post(address(page), data, follow=True)


def confirm(client: Client, page: Any, **typed: Any) -> Any:
    """Press the button that makes the change on `page`."""
    return client.post(address(page), fields_of(page) | {"_make": "x"} | typed, follow=True)


def undo(client: Client, page: Any) -> Any:
    change = page.context_data["change_row"]
    return client.post(f"/admin/bulk/bulkchange/{change.pk}/undo/", follow=True)


def address(page: Any) -> str:
    found: str = page.request["PATH_INFO"]
    return found


def price(sku: str) -> str:
    return str(Price.objects.get(variant__sku=sku).amount)
