"""Mails that are due, one of which is odd."""

from __future__ import annotations

from order_service.orders.models import Delivery
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order

ODD = "odd@example.org"


def mails(number: int) -> list[int]:
    """Due confirmations to a0@example.org and so on."""
    return [
        confirmation_of(make_order(State.CONFIRMED, email=f"a{each}@example.org")).pk
        for each in range(number)
    ]


def odd_mail() -> int:
    return confirmation_of(make_order(State.CONFIRMED, email=ODD)).pk


def unsent() -> set[int]:
    return set(Delivery.objects.unsent().values_list("pk", flat=True))
