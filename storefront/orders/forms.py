"""Looking up an order by its number and e-mail address."""

from __future__ import annotations

from typing import Any

from django import forms

from chassis.forms import EmailField, LineField
from chassis.ids import order_number


class OrderNumberField(LineField):
    """An order number, however people type or paste it."""

    default_validators = []

    def to_python(self, value: Any) -> str | None:
        typed = super().to_python(value)
        if not typed:
            return typed
        if number := order_number(typed):
            return number
        raise forms.ValidationError("Enter the number from your e-mail, such as TC-7Q2M9X4B.")


class LookUpForm(forms.Form):
    use_required_attribute = False

    number = OrderNumberField(
        label="Order number",
        help_text="It starts with TC- and is in the e-mails about your order.",
        error_messages={"required": "Enter your order number."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    email = EmailField(
        label="E-mail address",
        error_messages={"required": "Enter the e-mail address you ordered with."},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
