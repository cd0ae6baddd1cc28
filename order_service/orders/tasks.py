"""What a worker does with a message: look at these orders, each under a lease of its own."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from order_service.orders.pipeline import advance
from order_service.orders.wiring import production_ports


@shared_task(name="orders.advance", queue="orders")
def advance_orders(order_ids: list[str]) -> None:
    """Take each order as far as it goes. A second message for the same order finds nothing."""
    for order_id in order_ids:
        ports = production_ports()
        advance(uuid.UUID(order_id), ports, timezone.now() + settings.ORDER_ADVANCE)
