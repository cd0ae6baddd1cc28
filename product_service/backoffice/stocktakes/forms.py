"""The forms of a stock-take: opening a sheet, counting, booking."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from chassis.forms import LineField, TextField, WholeNumberField
from product_service.catalogue.models import Category, Variant
from product_service.stocktake.actions.counting import Typed
from product_service.stocktake.codes import read_counts
from product_service.stocktake.models import MOST_LINES, MOST_PIECES, CountLine, StockTake

LONGEST_AGO = timedelta(days=7)
TEXT_MAX = 50_000  # characters


class CodesField(TextField):
    """Lines of SKUs, each with a number or without; cleaned to pieces by variant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=TEXT_MAX, **options)
        self.widget.attrs |= {"rows": 6, "cols": 40, "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read_counts(text) if text else {}


class OpenForm(forms.Form):
    """What is to be counted: a category with all below it, SKUs, or nothing yet."""

    name = LineField(max_length=80, help_text="For example the shelf, or the month.")
    category = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    skus = CodesField(label="SKUs", help_text="One a line. Others can be added while counting.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted((row.name, row.pk) for row in Category.objects.all())
        choices = [("", "---------"), *((pk, name) for name, pk in names)]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ids = set(data.get("skus") or ())
        if category := data.get("category"):
            ids |= set(_sold_in(category))
        if len(ids) > MOST_LINES:
            told = f"These are {len(ids)} variants; a sheet holds {MOST_LINES}. Choose fewer."
            raise ValidationError(told)
        return {**data, "variant_ids": ids}


class CountForm(forms.Form):
    """A number for each line of the sheet, and lines of text that are added to them."""

    text = CodesField(
        label="Scan or type",
        help_text="One line each: a SKU alone is one piece, “SKU 12” are twelve. They are added to"
        " what is counted so far.",
    )
    at = forms.DateTimeField(
        label="Counted at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Only if it was earlier: what was sold since then is taken into account.",
    )
    reference = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, lines: list[CountLine], data: Any = None) -> None:
        super().__init__(data, initial={"reference": uuid.uuid4()})
        self.lines = lines
        for line in lines:
            self.fields[f"count-{line.variant_id}"] = WholeNumberField(
                label=f"Counted of {line.variant.sku}",
                required=False,
                min_value=0,
                max_value=MOST_PIECES,
                initial=line.counted,
            )
            self.fields[f"seen-{line.variant_id}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=line.counted
            )

    def clean_at(self) -> Any:
        at, now = self.cleaned_data["at"], timezone.now()
        if at is not None and not now - LONGEST_AGO <= at <= now:
            raise ValidationError("Choose a time in the last seven days that is not to come.")
        return at

    def typed(self) -> dict[int, Typed]:
        ids = [line.variant_id for line in self.lines if f"count-{line.variant_id}" in self.data]
        data = self.cleaned_data
        return {pk: Typed(data[f"count-{pk}"], data[f"seen-{pk}"]) for pk in ids}

    def rows(self) -> Iterator[tuple[CountLine, Any, Any]]:
        """Each line with its two fields."""
        for line in self.lines:
            yield line, self[f"count-{line.variant_id}"], self[f"seen-{line.variant_id}"]

    def send_again(self, clashes: dict[CountLine, Typed]) -> None:
        """Keep what was typed; sent once more it replaces what somebody else has counted."""
        data: Any = self.data
        data = data.copy()
        data["text"], data["reference"] = "", str(uuid.uuid4())
        for line in self.lines:
            pieces = "" if line.counted is None else str(line.counted)
            data[f"seen-{line.variant_id}"] = pieces
            if line not in clashes:
                data[f"count-{line.variant_id}"] = pieces
        self.data = data


class BookForm(forms.Form):
    """`seen` is what the differences were made of."""

    reason = LineField(max_length=150, help_text="It stands with each movement of the stock.")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)


def _sold_in(category_id: int) -> Iterator[int]:
    """The variants that are sold in a category and in all below it."""
    below = {category_id}
    links = list(Category.objects.values_list("pk", "parent_id"))
    while more := {pk for pk, parent in links if parent in below} - below:
        below |= more
    sold = Variant.objects.filter(is_active=True, product__deleted_at=None)
    yield from sold.filter(product__category__in=below).values_list("pk", flat=True)


def names_of(sheet: StockTake) -> list[CountLine]:
    """Its lines with what they are called."""
    return list(sheet.lines.select_related("variant__product"))
