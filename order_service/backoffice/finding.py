"""Finding rows of the back office by the number of an order, however it was pasted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chassis.ids import order_number


class FindsByOrderNumber(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds what belongs to the order whose number was typed to what the search finds anyway."""

    # of the order, from the model that is searched
    order_number_paths: tuple[str, ...] = ("number",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if number := order_number(search_term):
            for path in self.order_number_paths:
                found |= queryset.filter(**{path: number})
        return found, may_repeat
