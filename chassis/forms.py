"""Fields of the pages' forms for what people type, under the rules of `chassis.text`."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from chassis.money import DECIMALS, half_up, precision
from chassis.numbers import NOT_A_NUMBER, read_number
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


class TextField(LineField):
    """Lines of text."""

    widget = forms.Textarea
    default_validators: list[Any] = []

    def run_validators(self, value: str) -> None:
        super().run_validators(value)
        for line in re.split(r"[\r\n\t]", value):
            validate_line(line)


class NumberField(forms.DecimalField):
    """A number with decimals; see `chassis.numbers` for how it may be typed."""

    # Browsers read a number in a field of their own by rules that they do not tell.
    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 10})
    default_error_messages = {"invalid": NOT_A_NUMBER}

    @property
    def places(self) -> int:
        """How many decimals are taken."""
        return 4 if self.decimal_places is None else self.decimal_places

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = _read(self, value, self.places)
        return super().to_python(value)


class PriceField(NumberField):
    """An amount in the store's currency, with no more decimals than that has."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=Decimal(0), **options)

    @property
    def places(self) -> int:
        return DECIMALS[settings.STORE_CURRENCY] or 0

    def prepare_value(self, value: Any) -> Any:
        """1990 yen instead of 1990.00; what has too many decimals stays to be seen."""
        exact = isinstance(value, Decimal) and half_up(value, settings.STORE_CURRENCY)
        return exact if exact == value else value

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        currency = settings.STORE_CURRENCY
        if value is None or value == half_up(value, currency):
            return
        step = precision(currency)
        below, above = (value.quantize(step, way) for way in (ROUND_FLOOR, ROUND_CEILING))
        raise ValidationError(f"{currency} has no decimals: write {below} or {above}.")


class WholeNumberField(forms.IntegerField):
    """A whole number; see `chassis.numbers` for how it may be typed."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 6})

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and value.strip():
            number = _read(self, value, 0)
            value = int(number) if number == int(number) else value
        return super().to_python(value)


def _read(field: forms.Field, text: str, places: int) -> Decimal:
    """Raises ValidationError; what is no number is told in the words of `field`."""
    try:
        return read_number(text, places=places)
    except ValidationError as error:
        if error.code != "invalid":
            raise
        raise ValidationError(field.error_messages["invalid"], "invalid") from None
