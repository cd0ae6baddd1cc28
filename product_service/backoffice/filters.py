"""What the lists of products and of stock can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from product_service.catalogue.models import Variant
from product_service.catalogue.querysets import ProductQuerySet
from product_service.inventory.models import StockItem
from product_service.inventory.querysets import SHORT_DAYS, StockItemQuerySet


class RowsFilter(admin.SimpleListFilter):
    """Each choice by its value in the address: its label, and the rows that it leaves."""

    choices_by_value: Mapping[str, tuple[str, Callable[[Any], Any]]]
    without_choice: Callable[[Any], Any] = staticmethod(lambda rows: rows)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.choices_by_value.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        _, rows = self.choices_by_value.get(self.value() or "", ("", self.without_choice))
        return rows(queryset)


class LevelFilter(RowsFilter):
    title = parameter_name = "level"
    choices_by_value = {
        "out": ("Sold out", StockItemQuerySet.sold_out),
        "low": ("Low", StockItemQuerySet.low),
        "short": (f"Less than {SHORT_DAYS} days of cover", StockItemQuerySet.short),
    }


class StockFilter(RowsFilter):
    title = parameter_name = "stock"
    choices_by_value = {
        "out": ("A variant is sold out", lambda rows: _with(rows, StockItem.objects.sold_out())),
        "low": ("A variant is low", lambda rows: _with(rows, StockItem.objects.low())),
    }


class VisibilityFilter(RowsFilter):
    title, parameter_name = "visibility", "visible"
    choices_by_value = {
        "published": ("Published", ProductQuerySet.published),
        "unpublished": ("Unpublished", lambda rows: rows.kept().filter(is_published=False)),
        "no-image": ("Without a picture", lambda rows: rows.kept().filter(images=None)),
        "no-price": ("With a variant without a price", lambda rows: _unpriced(rows.kept())),
        "removed": ("Removed", lambda rows: rows.exclude(deleted_at=None)),
    }
    without_choice = staticmethod(ProductQuerySet.kept)


class SheetFilter(RowsFilter):
    title, parameter_name = "state", "state"
    choices_by_value = {
        "open": ("Open", lambda rows: rows.filter(booked_at=None)),
        "booked": ("Booked", lambda rows: rows.exclude(booked_at=None)),
    }


def _with(products: ProductQuerySet, items: StockItemQuerySet) -> ProductQuerySet:
    variants = Variant.objects.filter(is_active=True, stock_item__in=items)
    return products.filter(pk__in=variants.values("product"))


def _unpriced(products: ProductQuerySet) -> ProductQuerySet:
    variants = Variant.objects.filter(is_active=True, price=None)
    return products.filter(pk__in=variants.values("product"))
