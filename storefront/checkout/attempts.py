"""Attempts to order: opened by the review page, finished by the order they lead to."""

from __future__ import annotations

import uuid

from django.db import transaction

from chassis.money import Money
from storefront.cart.actions import take_ordered
from storefront.cart.contents import Contents
from storefront.checkout.draft import Draft
from storefront.checkout.forms import DeliveryForm
from storefront.checkout.models import Checkout


def open_attempt(*, subject: str, draft: Draft, cart: Contents, total: Money) -> Checkout:
    """Freeze what the review page shows."""
    body = {
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in cart.lines],
        "email": draft.contact["email"],
        "shipping_address": _address(draft),
        "shipping_method": draft.delivery["shipping_method"],
        "payment_token": draft.payment["payment_token"],
        "expected_total": total.to_wire(),
    }
    return Checkout.objects.create(subject=subject, body=body)


def _address(draft: Draft) -> dict[str, str]:
    """The address without what was left empty."""
    parts = {name: draft.delivery[name] for name in DeliveryForm.ADDRESS}
    return {name: part for name, part in parts.items() if part}


def find_attempt(*, subject: str | None, attempt: str) -> Checkout | None:
    """The subject's attempt of that id; None for a foreign, unknown or malformed one."""
    try:
        key = uuid.UUID(attempt)
    except ValueError:
        return None
    return Checkout.objects.filter(attempt=key, subject=subject).first()


@transaction.atomic
def finish_attempt(checkout: Checkout, *, number: str) -> None:
    """The attempt has led to that order, so its lines leave the cart, once.

    Of two requests at once the second waits for the first one's commit and updates no row.
    """
    unfinished = Checkout.objects.filter(attempt=checkout.attempt, order_number=None)
    if unfinished.update(order_number=number):
        ordered = {line["sku"]: line["quantity"] for line in checkout.body["lines"]}
        take_ordered(subject=checkout.subject, ordered=ordered)
