"""Forms of the back office: categories in a tree, values by their type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chassis.forms import LineField
from chassis.numbers import read_number, written
from product_service.backoffice.holders import LeadsToHolder
from product_service.catalogue.models import AttributeValue, Category
from product_service.catalogue.tree import way_up

YES_NO = {"yes": True, "no": False}


class CategoryForm(LeadsToHolder):
    def clean_parent(self) -> Category | None:
        """A category cannot hang below itself, not even if two people move two at once."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk in way_up(parent.pk):
            raise ValidationError("Choose a category that is not below this one.")
        return parent


def _number(text: str) -> Decimal:
    number = read_number(text)
    if abs(number) >= 10**10 or number != round(number, 4):
        raise ValidationError("Write a number with at most four decimals, without a unit.")
    return number


def _yes_or_no(text: str) -> bool:
    if (word := text.strip().lower()) not in YES_NO:
        raise ValidationError("Write yes or no.")
    return YES_NO[word]


# The columns of a value, which is in that of its attribute's type, and how each is read.
VALUE_OF: dict[str, Callable[[str], Any]] = {"text": str, "number": _number, "boolean": _yes_or_no}


class AttributeValueForm(forms.ModelForm):  # type: ignore[type-arg]
    """One field for a value of any type; the attribute says how it is read."""

    value = LineField(max_length=200, help_text="A number without its unit; yes or no.")
    writes = {"value": tuple(VALUE_OF), "attribute": ("attribute", *VALUE_OF)}

    class Meta:
        model = AttributeValue
        fields = ("attribute",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.boolean is not None:
            self.initial["value"] = "yes" if row.boolean else "no"
        elif row.number is not None:
            self.initial["value"] = written(row.number)
        else:
            self.initial["value"] = row.text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        attribute, text = data.get("attribute"), data.get("value")
        if attribute is None or text is None:
            return data
        row = self.instance
        row.text = row.number = row.boolean = None
        try:
            setattr(row, attribute.kind, VALUE_OF[attribute.kind](text))
        except ValidationError as error:
            self.add_error("value", error)
        return data
