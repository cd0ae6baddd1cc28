"""Rows that staff see and search, and change by actions alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chassis.back_office.read_only import ReadOnly
from chassis.ids import order_number


class RowFilter(admin.SimpleListFilter):
    """A filter of a list; by value in the address: a name, and which of the rows it shows."""

    selections: Mapping[str, tuple[str, Callable[[Any], QuerySet[Any]]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, name) for value, (name, _) in self.selections.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.selections.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class FoundByOrderNumber(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
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
