"""Search: from the words that a shopper typed to a condition and a rank in SQL."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "product_service.search"
    label = "search"
