"""Fields of the pages' forms for what people type, under the rules of `chassis.text`."""

from __future__ import annotations

from typing import Any

from django import forms

from chassis.text import EMAIL_MAX, is_invisible, validate_email, validate_line

SHOWN_MAX = 1000  # characters


class LineField(forms.CharField):
    """A line of text; invisible characters alone are no text."""

    default_validators = [validate_line]
    default_error_messages = {"max_length": "Enter at most %(limit_value)d characters."}

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What a form shows again; escaped, 60 KB of quotes would make a page of 360 KB."""
        return data[:SHOWN_MAX] if isinstance(data, str) else data

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return self.empty_value if is_invisible(text or "") else text


class EmailField(LineField):
    """An address that mail can be sent to."""

    widget = forms.EmailInput
    default_validators = [validate_email]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_MAX, **kwargs)
