"""The checkout as an ordered list of steps, and the form of each.

contact -> delivery -> payment -> review
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storefront.cart.contents import HOME_COUNTRY, Contents
from storefront.checkout import offers
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.forms import ContactForm, DeliveryForm, PaymentForm, StepForm

Data = Mapping[str, str] | None


@dataclass(frozen=True)
class Step:
    name: str
    title: str
    kind: type[StepForm]
    form: Callable[[Data, CheckoutDraft, Contents], StepForm]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.kind.base_fields)


def _contact(data: Data, draft: CheckoutDraft, cart: Contents) -> StepForm:
    return ContactForm(data, initial=draft.contact)


def _delivery(data: Data, draft: CheckoutDraft, cart: Contents) -> StepForm:
    methods = cart.quote.shipping_methods if cart.quote else ()
    first = methods[0].code if methods else ""
    initial = {"country": HOME_COUNTRY, "shipping_method": first, **draft.delivery}
    return DeliveryForm(data, initial=initial, countries=offers.countries(), methods=methods)


def _payment(data: Data, draft: CheckoutDraft, cart: Contents) -> StepForm:
    methods = offers.payment_methods()
    first = methods[0].token if methods else ""
    initial = {"payment_token": first, **draft.payment}
    return PaymentForm(data, initial=initial, methods=methods)


STEPS = (
    Step("contact", "Contact", ContactForm, _contact),
    Step("delivery", "Delivery", DeliveryForm, _delivery),
    Step("payment", "Payment", PaymentForm, _payment),
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
OF_ONE_ORDER = tuple(name for step in STEPS for name in step.kind.of_one_order)


def step_called(name: str) -> Step | None:
    return next((step for step in STEPS if step.name == name), None)


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
