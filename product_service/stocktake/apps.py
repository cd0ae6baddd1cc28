"""Counting what is really there."""

from __future__ import annotations

from django.apps import AppConfig


class StockTakeConfig(AppConfig):
    name = "product_service.stocktake"
    verbose_name = "Stock-take"
