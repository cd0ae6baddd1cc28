"""The task of queue `notifications`: look at one delivery."""

from __future__ import annotations

from celery import shared_task

from order_service.notifications import actions


@shared_task(name="order_service.notifications.deliver")
def deliver(delivery_id: int) -> None:
    actions.deliver(delivery_id)
