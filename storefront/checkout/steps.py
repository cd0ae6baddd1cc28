"""The checkout as an ordered list of steps, and the form of each.

contact -> delivery -> payment -> review
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from storefront.cart.contents import HOME_COUNTRY, Contents
from storefront.checkout import offers
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.forms import ContactForm, DeliveryForm, PaymentForm, StepForm

Data = Mapping[str, str] | None


@dataclass(frozen=True)
class Step:
    name: str
    title: str
    fields: tuple[str, ...]
    form: Callable[[Data, CheckoutDraft, Contents], StepForm]


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
    Step("contact", "Contact", ("email",), _contact),
    Step("delivery", "Delivery", (*DeliveryForm.ADDRESS, "shipping_method"), _delivery),
    Step("payment", "Payment", ("payment_token",), _payment),
)

# Where a refusal of order_service belongs: JSON Pointer -> (step, field).
POINTERS = {
    "/email": ("contact", "email"),
    **{f"/shipping_address/{name}": ("delivery", name) for name in DeliveryForm.ADDRESS},
    "/shipping_method": ("delivery", "shipping_method"),
    "/payment_token": ("payment", "payment_token"),
}


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
