"""The checkout as an ordered list of steps, and the form of each.

contact -> delivery -> payment -> review
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from chassis.forms import EmailField, LineField
from storefront.cart.contents import HOME_COUNTRY, Contents
from storefront.checkout.draft import CheckoutDraft
from storefront.clients.order_answers import (
    Country,
    PaymentMethod,
    ShippingMethod,
    ShippingOffer,
)
from storefront.offers import countries, payment_methods, shipping_offers

Offered = Country | PaymentMethod | ShippingMethod | ShippingOffer


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
    """The form of a step: shows what was sent (`data`), else what was kept of it."""

    use_required_attribute = False  # our own summary says what is missing, in every browser
    of_one_order: tuple[str, ...] = ()  # fields that the next order begins without
    methods: Sequence[Offered] = ()  # ways to deliver or to pay that may be chosen

    def __init__(
        self,
        data: Mapping[str, str] | None,
        kept: Mapping[str, str],
        cart: Contents | None = None,
    ) -> None:
        super().__init__(data, initial=dict(kept))
        self.offer(cart)

    def offer(self, cart: Contents | None) -> None:
        """Give the fields their choices: those of this cart if it is given, else the shop's.

        Raises UpstreamError.
        """

    def add_refusals(self, refused: Iterable[tuple[str, str]]) -> None:
        """Errors (field, sentence) that order_service found later."""
        for name, sentence in refused:
            self.add_error(name if name in self.fields else None, sentence)

    def _offer(self, name: str, offered: Sequence[Offered], first: str = "") -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.code, each.name) for each in offered]
        self.initial.setdefault(name, first or (offered[0].code if offered else ""))


class ContactForm(StepForm):
    email = EmailField(
        label="E-mail address",
        help_text="We’ll send your order confirmation here. No newsletter.",
        error_messages={"required": "Enter your e-mail address."},
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

    def offer(self, cart: Contents | None) -> None:
        self.methods = cart.quote.shipping_methods if cart and cart.quote else shipping_offers()
        self._offer("country", countries(), HOME_COUNTRY)
        self._offer("shipping_method", self.methods)


class PaymentForm(StepForm):
    payment_token = forms.ChoiceField(
        label="Pay with",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how you want to pay.",
            "invalid_choice": "Choose one of the payment methods listed.",
        },
    )

    def offer(self, cart: Contents | None) -> None:
        self.methods = payment_methods()
        self._offer("payment_token", self.methods)


@dataclass(frozen=True)
class Step:
    name: str
    title: str
    form: type[StepForm]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.form.base_fields)


STEPS = (
    Step("contact", "Contact", ContactForm),
    Step("delivery", "Delivery", DeliveryForm),
    Step("payment", "Payment", PaymentForm),
)


def order_fields(draft: CheckoutDraft) -> dict[str, Any]:
    """What was typed as the body of an order has it: the address by itself, and nothing empty."""
    typed = {name: draft.values(step.name).get(name) for step in STEPS for name in step.fields}
    filled: dict[str, Any] = {name: text for name, text in typed.items() if text}
    address = {name: filled.pop(name) for name in DeliveryForm.ADDRESS if name in filled}
    return {**filled, "shipping_address": address}


def _pointer(name: str) -> str:
    return f"/shipping_address/{name}" if name in DeliveryForm.ADDRESS else f"/{name}"


# Where a refusal of order_service belongs: JSON Pointer -> (step, field).
POINTERS = {_pointer(name): (step.name, name) for step in STEPS for name in step.fields}
OF_ONE_ORDER = tuple(name for step in STEPS for name in step.form.of_one_order)


def first_open(draft: CheckoutDraft) -> Step | None:
    """The first step that is not done; None if the order can be reviewed."""
    return next((step for step in STEPS if step.name not in draft.done), None)


def refused_fields(
    errors: Sequence[Mapping[str, str]],
) -> tuple[Step, list[tuple[str, str]]] | None:
    """The first step with refused fields, and the sentence for each of them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for error in errors:
        step_name, name = POINTERS.get(str(error.get("pointer", "")), ("", ""))
        found.setdefault(step_name, []).append((name, str(error.get("detail", ""))))
    return next(((step, found[step.name]) for step in STEPS if step.name in found), None)
