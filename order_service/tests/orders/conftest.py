"""The pipeline over real HTTP: a product_service stub and the real sandbox provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from chassis.http import ServiceClient
from order_service.orders.models import Order
from order_service.orders.states import TERMINAL, State
from order_service.payments.gateways.registry import Gateways
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.pipeline.pipeline import advance
from order_service.pipeline.ports import Claimed, Policy, Ports
from order_service.pipeline.stock import StockOfOrders
from order_service.pipeline.store import DatabaseStore
from order_service.tests.orders.samples import Samples, samples
from order_service.tests.product_stub import State as Shop
from tests.bank import SECRET, Bank, Ledger, bank_in, url_of

AT_ONCE = Policy(retry=timedelta(0), awaiting_poll=timedelta(0))


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Bank]:
    with bank_in(tmp_path) as bank:
        yield bank


@dataclass
class World:
    """The pipeline with everything around it, and shorthands for what tests look at."""

    shop: Shop
    ledger: Ledger
    ports: Ports

    def with_policy(self, **changes: Any) -> World:
        policy = replace(self.ports.policy, **changes)
        ports = replace(self.ports, policy=policy, store=DatabaseStore(policy))
        return World(self.shop, self.ledger, ports)

    def advance(self, order: Order) -> Order:
        """One worker's go at the order."""
        advance(order.id, self.ports, timezone.now() + timedelta(seconds=15))
        return Order.objects.get(pk=order.pk)

    def finish(self, order: Order, tries: int = 20) -> Order:
        """Workers' goes until the order is decided."""
        for _ in range(tries):
            order = self.advance(order)
            if State(order.state) in TERMINAL:
                return order
        raise AssertionError(f"{order.number} is stuck in {order.state}: {order.last_error}")

    def claim(self, order: Order) -> Claimed:
        claimed = self.ports.store.claim(order.id)
        assert claimed is not None
        return claimed

    def money(self) -> list[tuple[str, int]]:
        """Every movement of money at the provider: (kind, minor units)."""
        return [(entry["kind"], entry["amount"]) for entry in self.ledger.entries()]

    def stock(self, order: Order) -> str | None:
        """How product_service's reservation of the order stands."""
        return self.shop.reservations.get(str(order.id))


@pytest.fixture
def world(shop: Shop, provider: Bank) -> World:
    return _world(shop, provider, deadline_seconds=0.4)


@pytest.fixture
def patient_world(shop: Shop, provider: Bank) -> World:
    """For many payments at once on a busy machine: none is cut off."""
    return _world(shop, provider, deadline_seconds=10)


def _world(shop: Shop, provider: Bank, *, deadline_seconds: float) -> World:
    client = ServiceClient(
        upstream="payment_provider",
        base_url=url_of(provider),
        deadline_seconds=deadline_seconds,
    )
    ports = Ports(
        now=timezone.now,
        stock=StockOfOrders(),
        payments=Gateways({"sandbox": SandboxGateway(client, SECRET)}),
        store=DatabaseStore(AT_ONCE),
        policy=AT_ONCE,
    )
    return World(shop, provider.ledger, ports)


def history(order: Order) -> list[str]:
    return [event.to_state for event in order.events.order_by("version")]


@pytest.fixture
def changes() -> Callable[[], Samples]:
    """What was counted since the last look, histograms by their number alone."""
    before = samples(REGISTRY.collect())

    def look() -> Samples:
        nonlocal before
        after, was = samples(REGISTRY.collect()), before
        before = after
        return {
            key: value - was.get(key, 0)
            for key, value in after.items()
            if key[0].startswith(("techcommerce_", "celery_"))
            and key[0].endswith(("_total", "_count"))
            and "upstream" not in key[0]
            and value != was.get(key, 0)
        }

    return look
