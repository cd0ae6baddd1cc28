"""Our real books, with a stock and a provider in memory."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from chassis.money import Money
from order_service.audit.reconciler import reconcile
from order_service.orders.models import Order
from order_service.payments.gateways.base import PaymentRequest
from order_service.payments.gateways.registry import Gateways
from order_service.pipeline.ports import Policy, Ports
from order_service.pipeline.store import DatabaseStore
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedClock, SimulatedStock

TOTAL = Money(Decimal("24.80"), "EUR")


class World:
    """What the reconciler holds against each other."""

    def __init__(self) -> None:
        self.stock = SimulatedStock(SimulatedClock(), {"KETTLE-1": 5})
        self.provider = SimulatedProvider(SimulatedClock())
        self.ports = Ports(
            now=timezone.now,
            stock=self.stock,
            payments=Gateways({"sandbox": self.provider}),
            store=DatabaseStore(Policy()),
        )

    def reconcile(self) -> int:
        return reconcile(self.ports)

    def authorize(self, order: Order) -> str:
        """The provider holds the money; our own books know nothing of it yet."""
        request = PaymentRequest(f"order-{order.id}", order.number, TOTAL, "")
        self.provider.authorize(request, order.payment_token)
        return next(reversed(self.provider.authorizations))


@pytest.fixture
def world() -> World:
    return World()
