"""Fields of request bodies that take what the OpenAPI description says, and nothing near it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.validators import MaxLengthValidator, RegexValidator
from rest_framework import serializers

from chassis.text import (
    EMAIL_MAX,
    LINE,
    VISIBLE_LINE,
    is_invisible,
    validate_email,
    validate_line,
)


class TextField(serializers.CharField):
    """A line of text; what surrounds it is dropped, and invisible characters alone are blank.

    A text of a certain `shape` (a validator) is held against that instead of the rules of a line.
    """

    def __init__(self, *, shape: Callable[[str], None] = validate_line, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)  # the length counts as it was sent
        lengths = [each for each in self.validators if isinstance(each, MaxLengthValidator)]
        self.validators = [*lengths, shape]

    @property
    def described(self) -> dict[str, str]:
        """What the OpenAPI description says beside the length."""
        return {"pattern": LINE if self.allow_blank else VISIBLE_LINE}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        is_blank = isinstance(data, str) and is_invisible(data)
        value = super().run_validation("" if is_blank else data)
        return value.strip() if isinstance(value, str) else value

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ShapedField(TextField):
    """A text that matches a regular expression."""

    def __init__(self, pattern: str, message: str, **kwargs: Any) -> None:
        self.pattern = pattern
        super().__init__(shape=RegexValidator(rf"{pattern}\Z", message), **kwargs)

    @property
    def described(self) -> dict[str, str]:
        return {"pattern": f"{self.pattern}$"}


class EmailField(TextField):
    """An address that mail can be sent to; see chassis.text."""

    described = {"format": "email"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_MAX, shape=validate_email, **kwargs)


class WholeNumberField(serializers.IntegerField):
    """A whole JSON number, 2 or 2.0 (JSON Schema's integer); text and true are refused."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) not in (int, float) or data != data // 1:
            self.fail("invalid")
        return super().to_internal_value(int(data))


class BoundedListField(serializers.ListField):
    """A list of one item at least; a longer one than `max_length` is refused unread."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(allow_empty=False, min_length=1, max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > (self.max_length or 0):
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)
