"""The back office: products, shelves and stock as staff see and change them."""

from __future__ import annotations

from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    name = "product_service.backoffice"
    label = "product_backoffice"  # order_service has one too
