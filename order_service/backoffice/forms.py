"""Forms of the back office."""

from __future__ import annotations

from typing import Any

from django import forms

from chassis.forms import LineField
from chassis.ids import order_number


class CancelForm(forms.Form):
    """Typing the number of an order is how staff say that they mean this one."""

    number = LineField(max_length=300, label="Order number")

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = number

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"]
        if order_number(typed) != self._expected:
            raise forms.ValidationError("This is not the number of this order.")
        return typed
