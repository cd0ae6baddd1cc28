"""How long an order will still wait: its place in the queue and the pace of the last minute.

Every shopper who watches an order asks this each few seconds, so a long queue is not counted whole.
"""

from __future__ import annotations

import math
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from order_service.api.shapes import Queue
from order_service.orders.models import Order, OrderEvent
from order_service.orders.states import TERMINAL, State

PACE_WINDOW = timedelta(seconds=60)
PACE_EVENTS = 50  # the newest decisions that are looked at
LONGEST_COUNTED = 500  # of the orders that are due first; this place stands for all behind it too
SECONDS_EACH = 1.0  # assumed for one order while nothing was decided recently


def place_in_queue(order: Order) -> Queue | None:
    """Position (1 is next) and expected wait, or None for an order that waits for nobody's turn."""
    if order.is_terminal or order.attention_at or order.state == State.AWAITING_SHOPPER:
        return None
    first = Order.objects.filter(next_attempt_at__isnull=False, attention_at__isnull=True)
    before = Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, id__lt=order.id)
    counted = first.order_by("next_attempt_at")[:LONGEST_COUNTED].aggregate(
        ahead=Count("pk", filter=before & ~Q(state=State.AWAITING_SHOPPER))
    )
    position = min(counted["ahead"] + 1, LONGEST_COUNTED)
    return {
        "position": position,
        "expected_wait_seconds": math.ceil(position * _seconds_each()),
    }


def _seconds_each() -> float:
    """Seconds between two decisions, from the newest of the last minute."""
    newest = OrderEvent.objects.filter(to_state__in=TERMINAL).order_by("-id")[:PACE_EVENTS]
    since = timezone.now() - PACE_WINDOW
    recent = [at for at in newest.values_list("at", flat=True) if at > since]
    if len(recent) < 2:
        return SECONDS_EACH
    return (timezone.now() - min(recent)).total_seconds() / len(recent)
