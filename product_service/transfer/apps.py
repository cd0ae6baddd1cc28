"""Import and export of the catalogue, as the back office calls it."""

from __future__ import annotations

from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "product_service.transfer"
    verbose_name = "Import and export"
