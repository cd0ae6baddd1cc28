"""Looking up an order by its number and e-mail address."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator

from chassis.forms import EmailField, LineField

NUMBER_SHAPE = RegexValidator(
    r"^[A-Za-z0-9-]+\Z", "Enter the number as it is in your e-mail: letters, digits and dashes."
)


class LookUpForm(forms.Form):
    use_required_attribute = False

    number = LineField(
        label="Order number",
        max_length=20,
        validators=[NUMBER_SHAPE],
        help_text="It starts with TC- and is in your confirmation e-mail.",
        error_messages={"required": "Enter your order number."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    email = EmailField(
        label="E-mail address",
        error_messages={
            "required": "Enter the e-mail address of the order.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        return number.strip().upper()

    def mark_wrong(self) -> None:
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs |= {
                    "aria-invalid": "true",
                    "aria-describedby": f"error_{name}",
                }
