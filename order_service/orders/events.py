"""Writing an order's history, which is the outbox as well."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models.functions import Now

from order_service.orders.models import DUE_COLUMNS, ChannelName, Delivery, OrderEvent, Topic
from order_service.orders.states import State

SYSTEM = "service:order_service"

# What the outside is told about, and how.
DELIVERIES: dict[State, tuple[tuple[Topic, ChannelName], ...]] = {
    State.CONFIRMED: (
        (Topic.ORDER_CONFIRMATION, ChannelName.MAIL),
        (Topic.NEW_ORDER, ChannelName.OWNER_MAIL),
    ),
    # Not of `cancelling`: only when everything is undone is it known where the money is.
    State.CANCELLED: ((Topic.ORDER_CANCELLED, ChannelName.MAIL),),
}


@dataclass(frozen=True)
class Told:
    """An event that the outside may have to be told of."""

    event_id: int
    order_id: uuid.UUID
    version: int
    state: str


def record_event(event: OrderEvent) -> None:
    """Append an event and its deliveries; call it in the transaction of the move itself."""
    event.save(force_insert=True)
    record_deliveries([Told(event.pk, event.order_id, event.version, event.to_state)])


def record_deliveries(events: Sequence[Told]) -> None:
    """Have the outside told of events; call it in the transaction of the moves themselves."""
    Delivery.objects.bulk_create(
        Delivery(
            event_id=each.event_id,
            topic=topic,
            channel=channel,
            key=f"{each.order_id}.{each.version}.{topic}",
            **{"next_attempt_at": None, DUE_COLUMNS[channel]: Now()},
        )
        for each in events
        for topic, channel in DELIVERIES.get(State(each.state), ())
        if channel is not ChannelName.OWNER_MAIL or settings.OWNER_EMAIL
    )
