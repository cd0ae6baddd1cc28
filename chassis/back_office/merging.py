"""A form that two people fill in at once: what each has changed is kept, and a clash is told.

    seen     what the page showed when it was opened, as digests that it sends back
    saved    what the row holds now, read under its lock
    typed    what was sent

    saved is seen      write what was typed
    typed is seen      leave what is saved: somebody else changed it
    typed is saved     both say the same
    otherwise          a clash, told on the field; sent once more, what was typed is written

Only fields that differ from what is saved are written. For a page that sends no digests (an older
one, a script) nothing else is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.functional import cached_property
from django.utils.text import Truncator

SEEN = "_seen"
MOST_SHOWN = 200  # characters of what somebody else has saved


class MergingForm(forms.ModelForm):  # type: ignore[type-arg]
    """`writes` names the columns behind a field that is none itself."""

    writes: Mapping[str, tuple[str, ...]] = {}
    rival: Callable[[], str] = staticmethod(lambda: "Somebody else")  # who saved meanwhile
    refusal = ""  # by the database, of the same form a moment ago

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left: set[str] = set()  # fields in which somebody else's change stays
        self.clashes: set[str] = set()

    @cached_property
    def seen(self) -> dict[str, str]:
        """Digests of what the page showed, by field."""
        if not self.is_bound or self.instance._state.adding:
            return {}
        sent = seen_by_page(self.data)
        names = {name: sent.get(self.add_prefix(name)) for name in self.fields}
        return {name: seen for name, seen in names.items() if seen and self._can_clash(name)}

    @property
    def to_send_back(self) -> dict[str, str]:
        """`seen` for the page that is shown now, under the names of its inputs."""
        if self.instance._state.adding:
            return {}
        known = self.clashes if self.is_bound else filter(self._can_clash, self.fields)
        now = {name: digest(self[name].initial) for name in known}
        return {self.add_prefix(name): seen for name, seen in (self.seen | now).items()}

    def stale(self) -> set[str]:
        """Fields that somebody else has changed since the page was opened."""
        return {name for name, seen in self.seen.items() if digest(self[name].initial) != seen}

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.stale() & set(self.cleaned_data):
            self._merge(name)
        if self.refusal:
            raise ValidationError(self.refusal, code="refused")
        return self.cleaned_data

    @cached_property
    def changed_data(self) -> list[str]:
        _ = self.errors  # reading them checks the form, which says what is left as it is
        return [name for name in super().changed_data if name not in self.left]

    @property
    def written(self) -> list[str]:
        """The columns to write, and the times that follow from writing."""
        columns = {field.name: field for field in self.instance._meta.concrete_fields}
        wanted = {each for name in self.changed_data for each in self.writes.get(name, (name,))}
        found = wanted & set(columns)
        times = {name for name, field in columns.items() if getattr(field, "auto_now", False)}
        return sorted(found | times) if found else []

    def save(self, commit: bool = True) -> Any:
        if not commit or self.errors or self.instance._state.adding:
            return super().save(commit=commit)
        self.instance.save(update_fields=self.written)
        self._save_m2m()  # type: ignore[attr-defined]
        return self.instance

    def _can_clash(self, name: str) -> bool:
        field = self.fields[name]
        if name in (self.instance._meta.pk.name, DELETION_FIELD_NAME):
            return False
        return not field.disabled and not isinstance(
            field, forms.FileField | forms.models.InlineForeignKeyField
        )

    def _merge(self, name: str) -> None:
        field, saved, typed = self.fields[name], self[name].initial, digest(self.cleaned_data[name])
        if typed == self.seen[name]:
            self.left.add(name)
            is_key = isinstance(field, forms.ModelChoiceField)
            self.cleaned_data[name] = field.clean(field.prepare_value(saved)) if is_key else saved
        elif typed != digest(saved):
            self.clashes.add(name)
            sentence = (
                f"{self.rival()} saved “{_shown(field, saved)}” here after you opened this page."
                " Save again to replace it with yours, or change yours first."
            )
            self.add_error(name, ValidationError(sentence, code="clash"))


def seen_by_page(data: Mapping[str, Any]) -> dict[str, str]:
    """What the page sent back; nothing if it was tampered with."""
    return _seen_in(data.get(SEEN) or "{}")


@lru_cache(maxsize=8)  # each row of a page asks for the same text
def _seen_in(text: str) -> dict[str, str]:
    try:
        sent = json.loads(text)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def digest(value: Any) -> str:
    """The same for values that a person cannot tell apart."""
    return blake2b(_plain(value).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.replace("\r\n", "\n").strip()
        case Model():
            return str(value.pk)
        case Decimal():
            return f"{(value + 0).normalize():f}"  # no -0
        case datetime():
            return str(int(value.timestamp()))  # a form shows whole seconds
        case list() | tuple() | QuerySet():
            plain = [_plain(each) for each in value]
            is_set = all(isinstance(each, Model) for each in value)
            return json.dumps(sorted(plain) if is_set else plain)
        case dict():
            return json.dumps(value, sort_keys=True, default=str)
        case _:
            return str(value)


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ModelMultipleChoiceField):
        text = ", ".join(str(each) for each in value or ())
    elif isinstance(field, forms.ModelChoiceField) and value:
        text = str(field.clean(field.prepare_value(value)))
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        prepared = field.prepare_value(value)
        text = "" if prepared is None else str(prepared)
    return Truncator(text or "nothing").chars(MOST_SHOWN)
