"""Attempts to order: opened by the review page, finished by the order they lead to."""

from __future__ import annotations

import uuid

from chassis.money import Money
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


def finish_attempt(checkout: Checkout, *, number: str) -> None:
    Checkout.objects.filter(attempt=checkout.attempt).update(order_number=number)
