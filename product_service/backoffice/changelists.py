"""Lists of the back office."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chassis.back_office.lists import DeclaredFilters
from product_service.catalogue.models import Product
from product_service.catalogue.sorting import SortKey


class NamesInOrder(DeclaredFilters):
    """A list of the back office whose column `name` sorts as people expect."""

    def get_ordering_field(self, field_name: Any) -> Any:
        if field_name == "name":
            return "name_key" if self.model is Product else SortKey("name")
        return SortKey("brand") if field_name == "brand" else super().get_ordering_field(field_name)


class SortsNames:
    """A list whose names sort as people expect."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NamesInOrder]:
        return NamesInOrder


def counted(number: int, one: str, more: str) -> str:
    """`1 product`, `2 products`."""
    return f"{number} {one if number == 1 else more}"
