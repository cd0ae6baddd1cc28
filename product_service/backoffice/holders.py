"""Where a unique name is taken, the error in the form links to the row that has it.

That row may be removed, hidden or switched off, and then no list shows it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from product_service.catalogue.models import Category, Product, Variant


class LeadsToHolder(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose refusals of a name that is taken link to the row that has it."""

    def validate_unique(self) -> None:
        try:
            self.instance.validate_unique(exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
        except ValidationError as refusal:
            leading = {
                field: [_to_holder(self.instance, field, error) for error in errors]
                for field, errors in refusal.error_dict.items()
            }
            self._update_errors(ValidationError(leading))  # type: ignore[attr-defined]


class RowLeadsToHolder(forms.ModelForm):  # type: ignore[type-arg]
    """The same for a row among others, which trade names on one page; see chassis.back_office."""

    def taken(self, holder: Model, names: tuple[str, ...]) -> ValidationError:
        if len(names) > 1:
            told: ValidationError = self.instance.unique_error_message(type(holder), names)
            return told
        return ValidationError(_belongs(getattr(self.instance, names[0]), holder), code="unique")


def _to_holder(row: Model, field: str, error: ValidationError) -> ValidationError:
    if error.code != "unique":
        return error
    value = getattr(row, field)
    others = type(row)._default_manager.exclude(pk=row.pk)
    holder = others.filter(**{field: value}).first()
    return error if holder is None else ValidationError(_belongs(value, holder), code="unique")


def _belongs(value: Any, holder: Model) -> SafeString:
    page = holder.product if isinstance(holder, Variant) else holder
    return format_html(
        '“{}” already belongs to <a href="{}">{}</a>{}.',
        value,
        reverse(f"admin:catalogue_{page._meta.model_name}_change", args=[page.pk]),
        page,
        _state(holder),
    )


def _state(holder: Model) -> str:
    """Why it may be missing in the list, and what can be done."""
    match holder:
        case Product(deleted_at=at) | Variant(product=Product(deleted_at=at)) if at is not None:
            return ", which was removed; restore that product, or change its slug or SKU"
        case Variant(is_active=False):
            return ", as a variant that is switched off"
        case Category(is_hidden=True):
            return ", which is hidden"
    return ""
