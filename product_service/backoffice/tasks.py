"""What waits for somebody in the catalogue: each with its count and the list that shows it.

A new part of the back office adds its line to `TASKS`. A count is made of the rows that the list
shows, and who may not see the list is not told of the task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from product_service.backoffice.filters import LevelFilter, StockFilter, VisibilityFilter
from product_service.catalogue.models import Product
from product_service.inventory.models import StockItem
from product_service.stocktake.models import StockTake


@dataclass(frozen=True)
class Task:
    """`page` names the list in the admin, `query` narrows it to `rows()`."""

    title: str
    rows: Callable[[], QuerySet[Any]]
    page: str
    right: str
    query: str = ""

    @property
    def address(self) -> str:
        return f"{reverse(f'admin:{self.page}_changelist')}{self.query}"


def _products(title: str, parameter: str, value: str, choices: Any) -> Task:
    return Task(
        title,
        lambda: choices[value][1](Product.objects.kept()),
        "catalogue_product",
        "catalogue.view_product",
        f"?{parameter}={value}",
    )


def _stock(title: str, value: str) -> Task:
    return Task(
        title,
        lambda: LevelFilter.choices_by_value[value][1](StockItem.objects.all()),
        "inventory_stockitem",
        "inventory.view_stockitem",
        f"?level={value}",
    )


TASKS = (
    _products(
        "Products with a variant that is sold out", "stock", "out", StockFilter.choices_by_value
    ),
    _stock("Variants of which few are left", "low"),
    _stock("Variants that last for less than two weeks", "short"),
    _products(
        "Products without a picture", "visible", "no-image", VisibilityFilter.choices_by_value
    ),
    _products(
        "Products with a variant without a price",
        "visible",
        "no-price",
        VisibilityFilter.choices_by_value,
    ),
    _products(
        "Products that are not published",
        "visible",
        "unpublished",
        VisibilityFilter.choices_by_value,
    ),
    Task(
        "Stock-takes that are not booked",
        lambda: StockTake.objects.filter(booked_at=None),
        "stocktake_stocktake",
        "inventory.view_stockitem",
        "?state=open",
    ),
)


def tasks_of(user: Any) -> Iterator[tuple[Task, int]]:
    """The tasks that this person may see, each with its count."""
    for task in TASKS:
        if user.has_perm(task.right):
            yield task, task.rows().count()
