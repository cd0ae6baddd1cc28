"""The catalogue: what we sell, at which price, and how it looks."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "product_service.catalogue"
    label = "catalogue"
