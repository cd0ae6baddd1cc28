"""The parameters in the address of a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode

PAGE_MAX = 10_000  # as product_service has it

SORTS = (
    ("newest", "Newest first"),
    ("price", "Price, low to high"),
    ("-price", "Price, high to low"),
    ("name", "Name, A to Z"),
)


SORT_ERRORS = {"invalid_choice": "We can’t sort by that. Please choose another order."}


class ListForm(forms.Form):
    """The filters of a category; every field may be left out."""

    sort = forms.ChoiceField(
        choices=SORTS, required=False, label="Sort by", error_messages=SORT_ERRORS
    )
    in_stock = forms.BooleanField(required=False, label="In stock only")
    page = forms.IntegerField(min_value=1, max_value=PAGE_MAX, required=False)

    @property
    def filters(self) -> dict[str, str]:
        """The filters as product_service names them."""
        chosen = {"sort": self.cleaned_data["sort"]}
        if self.cleaned_data["in_stock"]:
            chosen["in_stock"] = "1"
        return chosen

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"] or 1

    @property
    def read(self) -> dict[str, str]:
        """The values of all fields as our own links spell them, "" for what is left out."""
        return {name: _spelt(value) for name, value in self.cleaned_data.items()}

    @property
    def address(self) -> QueryDict:
        """The query of this list's address."""
        return QueryDict(urlencode({name: value for name, value in self.read.items() if value}))


def _spelt(value: Any) -> str:
    return "1" if value is True else str(value or "")


class SearchForm(ListForm):
    sort = forms.ChoiceField(
        choices=(("", "Best match"), *SORTS),
        required=False,
        label="Sort by",
        error_messages=SORT_ERRORS,
    )
    q = forms.CharField(
        max_length=100,
        required=False,
        strip=True,
        label="Search",
        error_messages={"max_length": "Please search for at most 100 characters."},
    )
