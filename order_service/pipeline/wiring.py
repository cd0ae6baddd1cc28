"""The real world behind the ports: one set a process."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils import timezone

from order_service.clients import stock
from order_service.payments.gateways.registry import gateways
from order_service.pipeline.ports import Policy, Ports
from order_service.pipeline.store import DatabaseStore


@cache
def production_ports() -> Ports:
    """product_service, the payment provider and PostgreSQL, with the times of the settings."""
    policy = Policy(
        lease=settings.ORDER_LEASE,
        grace=settings.ORDER_LEASE / 4,
        retry=settings.ORDER_RETRY,
        retry_max=settings.ORDER_RETRY_MAX,
        reservation=settings.RESERVATION_LIFETIME,
        awaiting_shopper=settings.AWAITING_SHOPPER,
    )
    return Ports(
        now=timezone.now,
        stock=stock,
        payments=gateways(),
        store=DatabaseStore(policy),
        policy=policy,
    )
