"""Changes of many products at once, each with what it was before."""

from __future__ import annotations

from django.apps import AppConfig


class BulkConfig(AppConfig):
    name = "product_service.bulk"
    verbose_name = "Bulk changes"
