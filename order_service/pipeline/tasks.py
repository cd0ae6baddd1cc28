"""What a worker does with a message: look at these orders, each under a lease of its own."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from order_service.orders.crashpoints import crashpoint
from order_service.pipeline.together import advance_together, pool
from order_service.pipeline.wiring import production_ports


@shared_task(name="order_service.orders.advance")
def advance_orders(order_ids: list[str]) -> None:
    """Take these orders as far as they go. A second message for the same order finds nothing.

    The deadline is the message's: what it does not reach is due again soon, and announced again.
    """
    crashpoint("received")
    deadline = timezone.now() + settings.ORDER_ADVANCE
    advance_together(list(map(uuid.UUID, order_ids)), production_ports(), deadline, pool)
