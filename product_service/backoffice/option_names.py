"""The options of a variant as a field: `Colour: Green / Size: S` for {"colour": "Green", ...}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from product_service.catalogue.models import Option
from product_service.catalogue.options import Values, read_choice, write_choice


class OptionNames:
    """Which option has which code. `typed` are those that this form brings along, new or not."""

    def __init__(self, typed: Values | None = None) -> None:
        typed = typed or {}
        self.values = [(name, value) for name, values in typed.items() for value in values]
        self._by_code = dict(Option.objects.values_list("code", "name"))
        self._codes = {name.casefold(): code for code, name in self._by_code.items()}
        self.new: dict[str, str] = {}  # names by code, of options that are not there yet
        for name in typed:
            if name.casefold() not in self._codes:
                self._add(name)

    def code_of(self, name: str) -> str:
        """Raises ValidationError if no option is called like that."""
        try:
            return self._codes[name.casefold()]
        except KeyError:
            raise ValidationError(
                f"No option is called “{name}”. Type it under “Options” first."
            ) from None

    def name_of(self, code: str) -> str:
        return self._by_code.get(code, code)

    def named(self, options: Mapping[str, str]) -> dict[str, str]:
        """Values by name, in the order of the options; in `options` they are by code."""
        known = [code for code in self._by_code if code in options]
        rest = [code for code in options if code not in self._by_code]
        self._codes.update({code.casefold(): code for code in rest})
        return {self.name_of(code): options[code] for code in (*known, *rest)}

    def _add(self, name: str) -> None:
        code = slugify(name)[:40] or f"option-{len(self._by_code) + 1}"
        while code in self._by_code:
            code = f"{code[:37]}-{len(self._by_code) % 100}"
        self.new[code] = self._by_code[code] = name
        self._codes[name.casefold()] = code


class ChoiceField(forms.CharField):
    """A variant's options. `names` and `kept`, what is saved, are set by the form."""

    names: OptionNames
    kept: Mapping[str, str] = {}

    def prepare_value(self, value: Any) -> Any:
        return write_choice(self.names.named(value)) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """By code. What was not touched stays, even if it could not be typed like that."""
        if isinstance(value, dict):
            return value
        text = (value or "").strip()
        if text == self.prepare_value(dict(self.kept)):
            return dict(self.kept)
        return {self.names.code_of(name): each for name, each in read_choice(text).items()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True

    def validate(self, value: Any) -> None:
        """Options may be empty: a product of one variant has none."""

    def run_validators(self, value: Any) -> None:
        """`read_choice` has looked at each value."""
