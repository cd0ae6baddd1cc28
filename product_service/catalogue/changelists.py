"""Lists of the back office."""

from __future__ import annotations

from typing import Any

from chassis.back_office.lists import DeclaredFilters
from product_service.catalogue.models import Product
from product_service.catalogue.sorting import SortKey


class NamesInOrder(DeclaredFilters):
    """A list of the back office whose column `name` sorts as people expect."""

    def get_ordering_field(self, field_name: Any) -> Any:
        if field_name == "name":
            return "name_key" if self.model is Product else SortKey("name")
        return SortKey("brand") if field_name == "brand" else super().get_ordering_field(field_name)
