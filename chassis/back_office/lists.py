"""What the address of a list may ask for: its declared filters, and words of a sensible length.

Django lets any field of a model be filtered by any lookup, a broken regular expression among them,
whose error is the database's and comes too late to be caught.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

MOST_LETTERS = 100
NO_FILTER = "This list cannot be filtered like that, so all rows are shown."
NO_ROWS = "Nothing was done, because the selection was not valid. Select the rows again."


class SearchForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(
            required=False, strip=False, max_length=MOST_LETTERS
        )


class DeclaredFilters(ChangeList):
    search_form_class = SearchForm

    def get_filters(self, request: HttpRequest) -> Any:
        """Raises IncorrectLookupParameters for all that no filter of the list has taken."""
        found = super().get_filters(request)
        asked = set(found[2]) - _linked(self.model_admin)
        if asked - {f"{self.date_hierarchy}__gte", f"{self.date_hierarchy}__lt"}:
            raise IncorrectLookupParameters("no filter of this list")
        return found


class Guarded(ModelAdmin):  # type: ignore[type-arg]
    """Mixed into every ModelAdmin of the site."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in _linked(self) or super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        declared = super().get_changelist(request, **kwargs)
        return declared if issubclass(declared, DeclaredFilters) else DeclaredFilters

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Django answers IncorrectLookupParameters with the whole list."""
        try:
            return super().get_changelist_instance(request)
        except (DisallowedModelAdminLookup, DisallowedModelAdminToField) as error:
            raise IncorrectLookupParameters(error) from error

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django leads from a filter that the list does not have to the whole list, silently."""
        if request.method == "GET" and ERROR_FLAG in request.GET:
            self.message_user(request, NO_FILTER, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def response_action(  # type: ignore[override]  # the stubs know a later Django's argument
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Django's; it filters by the keys that were sent, whose shape nobody has looked at."""
        key = self.opts.pk
        try:
            for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.to_python(selected)
        except ValidationError:
            self.message_user(request, NO_ROWS, messages.WARNING)
            return None
        return super().response_action(request, queryset)


def _linked(model_admin: ModelAdmin[Any]) -> set[str]:
    """Lookups that links of ours ask for, beside those of the list's filters."""
    return set(getattr(model_admin, "linked_lookups", ()))
