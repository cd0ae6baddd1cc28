"""The rows on a page (inlines) when somebody else has added, deleted or changed some meanwhile.

Values that must be unique may change places: what the rows of the page hold among them is compared
after all of them have their new values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BaseInlineFormSet
from django.utils.datastructures import MultiValueDict

from chassis.back_office.merging import SEEN, MergingForm, digest, seen_by_page

MOST_ROWS = 2000  # as Django has it
UNIQUE = ("unique", "unique_together")  # codes of errors
SHORT_NUMBER = re.compile(r"[0-9]{1,8}")


class MergingRow(MergingForm):
    """A row; the whole page says whether its unique values are taken."""

    gone = (
        "Somebody else deleted this row after you opened this page."
        " Save again to add it anew, or remove it."
    )

    def _post_clean(self) -> None:
        """What was not changed was valid when it was saved: to ask again costs statements a row."""
        if self.instance._state.adding or self.has_changed():
            super()._post_clean()  # type: ignore[misc]

    def validate_unique(self) -> None:
        """See MergingRows."""

    def taken(self, holder: Model, names: tuple[str, ...]) -> ValidationError:
        """The error for values of `names` that `holder`, a row outside this page, already has."""
        told: ValidationError = self.instance.unique_error_message(type(holder), names)
        return told

    def _update_errors(self, errors: ValidationError) -> None:
        found = errors.update_error_dict({}).items()
        rest = {name: [each for each in told if each.code not in UNIQUE] for name, told in found}
        rest = {name: told for name, told in rest.items() if told}
        super()._update_errors(ValidationError(rest))  # type: ignore[misc]


class MergingRows(BaseInlineFormSet):  # type: ignore[type-arg]
    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        self._came_back: set[int] = set()  # rows that are gone, and that this person has changed
        if data is not None and kwargs["instance"].pk is not None:
            data, files = data.copy(), MultiValueDict(files or {})
            self._align(data, files, kwargs)
        super().__init__(data, files, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Django's, which looks for the row of each key once more."""
        super().add_fields(form, index)
        if self.is_bound and form.instance.pk is not None:
            key = form.instance._meta.pk.name
            form.fields[key].clean = lambda value: form.instance

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form not in self.deleted_forms and not form.errors and form.has_changed():
                self._refuse_taken(form)
        for index in self._came_back & set(range(len(self.forms))):
            came_back: Any = self.forms[index]
            came_back.add_error(None, came_back.gone)
        for form in self.deleted_forms:
            self._refuse_stale(form)

    def _refuse_taken(self, form: Any) -> None:
        """A value that a row of another page has."""
        own = [each.instance.pk for each in self.initial_forms]
        checks, _ = form.instance._get_unique_checks(include_meta_constraints=True)
        for model, names in checks:
            values = {name: getattr(form.instance, name) for name in names}
            related = (getattr(each, "pk", each) for each in values.values())
            if None in related:  # no value, or a row that is not saved yet
                continue
            holder = model._default_manager.filter(**values).exclude(pk__in=own).first()
            if holder is not None:
                where = names[0] if len(names) == 1 and names[0] in form.fields else None
                form.add_error(where, form.taken(holder, names))

    def _refuse_stale(self, form: Any) -> None:
        if stale := form.stale():
            form.clashes |= stale
            raise ValidationError(
                f"{form.rival()} changed “{form.instance}” after you opened this page."
                " Save again to delete it all the same."
            )

    def _align(self, data: Any, files: Any, kwargs: dict[str, Any]) -> None:
        """Bring the rows that were sent in line with those that are there, under their lock.

        Those that are there come in their order, as Django shows them; one that somebody else has
        deleted stays only if this person has changed it, as a new one.
        """
        prefix, key = kwargs["prefix"], kwargs["queryset"].model._meta.pk.name
        sent = _sent_rows(data, prefix, kwargs["queryset"].model._meta.pk)
        if sent is None:
            return
        own = {self.fk.name: kwargs["instance"], "pk__in": list(sent)}
        rows = kwargs["queryset"].filter(**own).select_for_update(of=("self",), no_key=True)
        kwargs["queryset"] = rows if rows.ordered else rows.order_by("pk")
        here = [sent.pop(row.pk) for row in kwargs["queryset"]]
        back = [n for n in sent.values() if self._is_changed(n, data, files, prefix)]
        new = range(_count(data, prefix, "INITIAL"), _count(data, prefix, "TOTAL"))
        for n in back:
            data[f"{prefix}-{n}-{key}"] = ""
        self._came_back = set(range(len(here), len(here) + len(back)))
        order = {f"{prefix}-{n}": f"{prefix}-{m}" for m, n in enumerate([*here, *back, *new])}
        seen = MultiValueDict({name: [each] for name, each in seen_by_page(data).items()})
        for values in (data, files, seen):
            _rename(values, prefix, order)
        data[SEEN] = json.dumps(seen.dict())
        data[f"{prefix}-INITIAL_FORMS"] = str(len(here))
        data[f"{prefix}-TOTAL_FORMS"] = str(len(order))

    def _is_changed(self, n: int, data: Any, files: Any, prefix: str) -> bool:
        if data.get(f"{prefix}-{n}-DELETE"):
            return False
        form = self.form(data, files, prefix=f"{prefix}-{n}")
        form.full_clean()
        seen = seen_by_page(data)
        typed = {form.add_prefix(name): digest(each) for name, each in form.cleaned_data.items()}
        return any(typed.get(name, each) != each for name, each in seen.items() if name in typed)


def _sent_rows(data: Any, prefix: str, key: Any) -> dict[Any, int] | None:
    """The place of each row by its key; None if a key is none, which Django refuses."""
    try:
        return {
            key.to_python(data[f"{prefix}-{n}-{key.name}"]): n
            for n in range(_count(data, prefix, "INITIAL"))
        }
    except (KeyError, ValidationError):
        return None


def _count(data: Any, prefix: str, which: str) -> int:
    text = data.get(f"{prefix}-{which}_FORMS", "")
    return min(int(text), MOST_ROWS) if SHORT_NUMBER.fullmatch(text) else 0


def _rename(values: MultiValueDict[str, Any], prefix: str, order: Mapping[str, str]) -> None:
    """Give the inputs of each row their new place; those of rows without one are dropped."""
    row = re.compile(rf"({re.escape(prefix)}-\d+)(-.+)")
    found = [match for name in values if (match := row.fullmatch(name))]
    moved = [(order.get(match[1]), match[2], values.pop(match[0])) for match in found]
    for place, field, each in moved:
        if place is not None:
            values.setlist(place + field, each)
