"""What the product list of the back office can be narrowed to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from product_service.catalogue.querysets import ProductQuerySet


class StockFilter(admin.SimpleListFilter):
    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("out", "A variant is sold out"), ("low", "A variant is low")]

    def queryset(self, request: HttpRequest, queryset: ProductQuerySet) -> ProductQuerySet:  # type: ignore[override]
        match self.value():
            case "out":
                return queryset.sold_out()
            case "low":
                return queryset.low()
        return queryset


class VisibilityFilter(admin.SimpleListFilter):
    title = "visibility"
    parameter_name = "visible"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("published", "Published"),
            ("unpublished", "Unpublished"),
            ("no-image", "Without a picture"),
            ("removed", "Removed"),
        ]

    def queryset(self, request: HttpRequest, queryset: ProductQuerySet) -> ProductQuerySet:  # type: ignore[override]
        match self.value():
            case "published":
                return queryset.published()
            case "unpublished":
                return queryset.kept().filter(is_published=False)
            case "no-image":
                return queryset.kept().filter(images__isnull=True)
            case "removed":
                return queryset.filter(deleted_at__isnull=False)
        return queryset.kept()
