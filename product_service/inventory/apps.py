"""The inventory: how many we have, and for whom they are put aside."""

from __future__ import annotations

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "product_service.inventory"
    label = "inventory"
