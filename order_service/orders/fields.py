"""Fields of request bodies that are stricter than the framework's."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

MAX_QUANTITY = 99  # of one line
MAX_LINES = 50

NO_CONTROL_CHARACTERS = RegexValidator(
    r"^[^\x01-\x1f\x7f]*\Z", "Leave out line breaks and control characters."
)


class QuantityField(serializers.IntegerField):
    """A whole JSON number from 1 to 99; text, fractions and true are refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_QUANTITY, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text on one line; a JSON number is refused instead of being read as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(NO_CONTROL_CHARACTERS)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SkuField(TextField):
    """Up to 64 letters, digits, dots, dashes and underscores."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)
        self.validators.append(
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", "This is not a SKU.")
        )
