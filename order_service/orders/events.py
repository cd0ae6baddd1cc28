"""Writing an order's history, which is the outbox as well."""

from __future__ import annotations

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


def record_event(event: OrderEvent) -> None:
    """Append an event and its deliveries; call it in the transaction of the move itself."""
    event.save(force_insert=True)
    record_deliveries(event)


def record_deliveries(event: OrderEvent) -> None:
    """Have the outside told of an event; call it in the transaction of the move itself."""
    for topic, channel in DELIVERIES.get(State(event.to_state), ()):
        if channel is not ChannelName.OWNER_MAIL or settings.OWNER_EMAIL:
            Delivery.objects.create(
                event_id=event.pk,
                topic=topic,
                channel=channel,
                key=f"{event.order_id}.{event.version}.{topic}",
                **{"next_attempt_at": None, DUE_COLUMNS[channel]: Now()},
            )
