"""The smallest valid rows, for tests that need an order without placing it over HTTP."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import Now

from order_service.orders.events import SYSTEM, record_event
from order_service.orders.models import Delivery, Order, OrderEvent, OrderLine, Topic
from order_service.orders.states import Reason, State
from order_service.tests.clients import ADDRESS

# The shortest way to each state.
WAYS: dict[State, tuple[State, ...]] = {
    State.PLACED: (State.PLACED,),
    State.RESERVED: (State.PLACED, State.RESERVED),
    State.AWAITING_SHOPPER: (State.PLACED, State.RESERVED, State.AWAITING_SHOPPER),
    State.AUTHORIZED: (State.PLACED, State.RESERVED, State.AUTHORIZED),
    State.COMMITTED: (State.PLACED, State.RESERVED, State.AUTHORIZED, State.COMMITTED),
    State.CONFIRMED: (
        State.PLACED, State.RESERVED, State.AUTHORIZED, State.COMMITTED, State.CONFIRMED,
    ),
    State.CANCELLING: (State.PLACED, State.CANCELLING),
    State.CANCELLED: (State.PLACED, State.CANCELLING, State.CANCELLED),
}  # fmt: skip


def make_order(
    state: State = State.PLACED, *, moved_at: datetime | None = None, **changes: Any
) -> Order:
    """An order for one kettle that went the shortest way to `state`, all of it at `moved_at`."""
    way = WAYS[state]
    is_over = state in (State.CANCELLING, State.CANCELLED)
    is_terminal = state in (State.CONFIRMED, State.CANCELLED)
    values: dict[str, Any] = {
        "number": "TC-" + secrets.token_hex(4).upper(),
        "subject": "guest:ada",
        "email": "ada@example.org",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "shipping_name": "Standard",
        "payment_token": "tok_approve",
        "currency": "EUR",
        "subtotal": Decimal("19.90"),
        "shipping": Decimal("4.90"),
        "tax": Decimal("3.96"),
        "total": Decimal("24.80"),
        "state": state,
        "version": len(way) - 1,
        "reason": Reason.SHOPPER if is_over else "",
    }
    if is_terminal:
        values["next_attempt_at"] = None
    order = Order.objects.create(**{**values, **changes})
    OrderLine.objects.create(
        order=order,
        position=0,
        sku="KETTLE-1",
        name="Kettle",
        options={"colour": "Steel"},
        product_slug="kettle",
        quantity=1,
        unit_price=Decimal("19.90"),
        tax_rate=Decimal("0.19"),
        total=Decimal("19.90"),
        tax=Decimal("3.18"),
    )
    for version, reached in enumerate(way):
        record_event(
            OrderEvent(
                order=order,
                version=version,
                from_state=way[version - 1] if version else "",
                to_state=reached,
                actor=SYSTEM,
                at=moved_at or Now(),
            )
        )
    return order


def confirmation_of(order: Order) -> Delivery:
    """The delivery of a confirmed order's mail."""
    event = OrderEvent.objects.get(order=order, to_state=State.CONFIRMED)
    return Delivery.objects.select_related("event__order").get(
        event=event, topic=Topic.ORDER_CONFIRMATION
    )
