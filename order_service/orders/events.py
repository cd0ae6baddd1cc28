"""Writing an order's history, which is the outbox as well."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from order_service.orders.models import DUE_COLUMNS, ChannelName, OrderEvent, Topic
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


_TOLD = ", ".join(
    f"('{state}', '{topic}', '{channel}')"
    for state, told in DELIVERIES.items()
    for topic, channel in told
)
_TIMES = {
    column: f"CASE channel WHEN '{channel}' THEN statement_timestamp() END"
    for channel, column in DUE_COLUMNS.items()
}
# Has the outside told of the rows of `event` (id, order_id, version, to_state), which is another
# part of the same statement: the move itself.
TELL = f"""
INSERT INTO orders_delivery
    (event_id, kind, channel, key, attempts, last_error, {", ".join(_TIMES)})
SELECT event.id, topic, channel, concat_ws('.', event.order_id, event.version, topic), 0, '',
    {", ".join(_TIMES.values())}
FROM event JOIN (VALUES {_TOLD}) AS told (state, topic, channel) ON told.state = event.to_state
WHERE channel <> '{ChannelName.OWNER_MAIL}' OR %(has_owner)s
"""  # noqa: S608

TELL_OF_ONE = f"WITH event AS (SELECT * FROM orders_orderevent WHERE id = %(id)s) {TELL}"  # noqa: S608


def record_event(event: OrderEvent) -> None:
    """Append an event and its deliveries; call it in the transaction of the move itself."""
    event.save(force_insert=True)
    if event.to_state not in DELIVERIES:
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL_OF_ONE, {"id": event.pk, "has_owner": has_owner()})


def has_owner() -> bool:
    """Whether somebody wants to be told of new orders."""
    return bool(settings.OWNER_EMAIL)
