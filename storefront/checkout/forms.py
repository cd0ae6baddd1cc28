"""The three steps of the checkout: contact, delivery, payment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from chassis.forms import EmailField, LineField
from storefront.clients.order_answers import Country, PaymentMethod, ShippingMethod


def text(label: str, length: int, *, required: bool = True, **attributes: str) -> LineField:
    """A line of text with its label and the browser's autocomplete name."""
    return LineField(
        label=label,
        max_length=length,
        required=required,
        error_messages={"required": f"Enter your {label.lower()}."},
        widget=forms.TextInput(attrs=attributes),
    )


class StepForm(forms.Form):
    """A step; a wrong field is marked for assistive technology and named in the summary."""

    use_required_attribute = False  # our own summary says what is missing, in every browser
    of_one_order: tuple[str, ...] = ()  # fields that the next order begins without

    def add_refusals(self, refused: Iterable[tuple[str, str]]) -> None:
        """Errors (field, sentence) that order_service found later."""
        for name, sentence in refused:
            self.add_error(name if name in self.fields else None, sentence)

    def mark_wrong(self) -> None:
        for name in self.errors:
            if name in self.fields:
                attributes = self.fields[name].widget.attrs
                attributes["aria-invalid"] = "true"
                attributes["aria-describedby"] = f"error_{name}"


class ContactForm(StepForm):
    email = EmailField(
        label="E-mail address",
        help_text="We'll send your order confirmation here. No newsletter.",
        error_messages={
            "required": "Enter your e-mail address.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class DeliveryForm(StepForm):
    name = text("Full name", 120, autocomplete="name")
    line1 = text("Street and number", 120, autocomplete="address-line1")
    line2 = text("Apartment, floor", 120, required=False, autocomplete="address-line2")
    postal_code = text("Postal code", 16, autocomplete="postal-code")
    city = text("City", 80, autocomplete="address-level2")
    country = forms.ChoiceField(
        label="Country",
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"invalid_choice": "Choose a country that we deliver to."},
    )
    shipping_method = forms.ChoiceField(
        label="Delivery",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a delivery method.",
            "invalid_choice": "Choose one of the delivery methods listed.",
        },
    )

    # Sent if it is not empty: the previous version of order_service refuses an unknown field.
    note = text("Note to us", 500, required=False)

    of_one_order = ("note",)
    ADDRESS = ("name", "line1", "line2", "postal_code", "city", "country")

    def __init__(
        self,
        *args: Any,
        countries: Iterable[Country],
        methods: Iterable[ShippingMethod],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("country", [(one.code, one.name) for one in countries])
        self._offer("shipping_method", [(one.code, one.name) for one in methods])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class PaymentForm(StepForm):
    payment_token = forms.ChoiceField(
        label="Pay with",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how you want to pay.",
            "invalid_choice": "Choose one of the payment methods listed.",
        },
    )

    def __init__(self, *args: Any, methods: Iterable[PaymentMethod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["payment_token"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.token, one.name) for one in methods]
