"""Rows that the form of a product lacks, made of what was typed before the form is read.

Options typed as “Colour: Green, Black” become rows of variants; what was typed once for all fills
the empty cells of new rows, and a new row without a SKU gets one. Whoever has JavaScript has done
all of this in the browser already, and `options_made` says for which options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.http import HttpRequest, QueryDict

from product_service.backoffice.option_names import OptionNames
from product_service.backoffice.product_form import FOR_ALL, ProductForm
from product_service.catalogue.duplicating import free_slug
from product_service.catalogue.models import Variant
from product_service.catalogue.options import (
    VARIANTS_MAX,
    Choice,
    combinations,
    make_sku,
    read_choice,
    read_options,
    write_choice,
)

ROWS_MAX = 2_000
FILLED = ("amount", "prior_amount", "weight_grams", "on_hand")
ALWAYS_ONE = 1  # row: what a new product of one variant needs


@dataclass(frozen=True)
class Rows:
    """The rows of variants in what a browser has sent; changes are written into it."""

    sent: QueryDict

    @property
    def total(self) -> int:
        return self._number("TOTAL")

    @property
    def new(self) -> range:
        return range(self._number("INITIAL"), self.total)

    def get(self, n: int, name: str) -> str:
        return (self.sent.get(f"variants-{n}-{name}") or "").strip()

    def set(self, n: int, name: str, value: str) -> None:
        self.sent[f"variants-{n}-{name}"] = value

    def add(self) -> int:
        """The place of a new row."""
        n = self.total
        self.sent["variants-TOTAL_FORMS"] = str(n + 1)
        return n

    def choices(self) -> Iterator[tuple[int, Choice]]:
        for n in range(self.total):
            try:
                yield n, read_choice(self.get(n, "options"))
            except ValidationError:
                continue  # the row says so

    def _number(self, which: str) -> int:
        text = self.sent.get(f"variants-{which}_FORMS") or ""
        return min(int(text), ROWS_MAX) if text.isascii() and text.isdigit() else 0


def make_rows(sent: QueryDict, product_id: int = 0) -> tuple[QueryDict, OptionNames]:
    """What was sent with the rows and the address that it asks for, and the options it names."""
    made = sent.copy()
    name = made.get("name") or ""
    if name and made.get("slug") == "":
        made["slug"] = free_slug(name, own=product_id)
    text = made.get("options") or ""
    try:
        options = read_options(text)
    except ValidationError:
        return made, OptionNames()  # the form says so
    rows = Rows(made)
    if text != (made.get("options_made") or ""):
        _make_variants(rows, options)
        made["options_made"] = text
    _fill(rows)
    _name(rows)
    return made, OptionNames(options)


def tell_made(request: HttpRequest, context: dict[str, Any]) -> None:
    """Show the rows that were made, without the errors of a form that nobody has sent yet.

    What keeps rows from being made is told.
    """
    form = context["adminform"].form
    told = {
        name: each for name, each in form.errors.items() if name.startswith(("options", FOR_ALL))
    }
    form._errors = ErrorDict(told)
    for formset in (each.formset for each in context["inline_admin_formsets"]):
        formset._non_form_errors = ErrorList()
        for row in formset.forms:
            row._errors = ErrorDict()
    context["errors"] = told
    if not told:
        messages.info(request, "The variants are below. Nothing is saved yet.")


def _make_variants(rows: Rows, options: Mapping[str, list[str]]) -> None:
    """A row for each combination that has none; rows without options are taken first."""
    there = {_key(choice) for _, choice in rows.choices()}
    free = iter([n for n, choice in rows.choices() if not choice])
    for choice in combinations(options):
        if _key(choice) in there or rows.total > VARIANTS_MAX:
            continue
        n = next(free, None)
        if n is None:
            n = rows.add()
            rows.set(n, "is_active", "on")
        if n in rows.new:
            rows.set(n, "position", str(n))
        rows.set(n, "options", write_choice(choice))


def _fill(rows: Rows) -> None:
    values = {name: _for_all(rows.sent, name) for name in FILLED}
    for n in rows.new:
        if n < ALWAYS_ONE or rows.get(n, "options"):
            for name, value in values.items():
                if value and not rows.get(n, name):
                    rows.set(n, name, value)


def _name(rows: Rows) -> None:
    """Give new rows that have a price or options a SKU."""
    nameless = [
        n
        for n in rows.new
        if not rows.get(n, "sku") and (rows.get(n, "options") or rows.get(n, "amount"))
    ]
    if not nameless:
        return
    base = _for_all(rows.sent, "sku") or rows.sent.get("name") or ""
    taken = {rows.get(n, "sku").upper() for n in range(rows.total)}
    taken |= set(
        Variant.objects.filter(sku__startswith=make_sku(base, (), set())).values_list(
            "sku", flat=True
        )
    )
    choices = dict(rows.choices())
    for n in nameless:
        rows.set(n, "sku", make_sku(base, choices.get(n, {}).values(), taken))


def _for_all(sent: QueryDict, name: str) -> str:
    """What was typed once for all variants; nothing if the form will refuse it."""
    typed = (sent.get(f"{FOR_ALL}{name}") or "").strip()
    try:
        ProductForm.base_fields[f"{FOR_ALL}{name}"].clean(typed)
    except ValidationError:
        return ""
    return typed


def _key(choice: Choice) -> frozenset[tuple[str, str]]:
    return frozenset((name.casefold(), value) for name, value in choice.items())
