"""A shop with short leases whose workers may die: real PostgreSQL, real HTTP, real processes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from order_service.clients.product_service import product_service
from order_service.dispatch.due import ORDERS, take
from order_service.orders.models import Order
from order_service.orders.states import TERMINAL
from order_service.payments.gateways.registry import gateways
from order_service.payments.gateways.sandbox import gateway
from order_service.pipeline.tasks import advance_orders
from order_service.pipeline.wiring import production_ports
from order_service.tests.crash.books import audit
from order_service.tests.processes import Child, fork, wait_for
from order_service.tests.product_stub import State as Shop
from tests.bank import SECRET, Ledger, bank_in, url_of

LEASE = timedelta(seconds=0.5)
RECOVERY_SECONDS = 20.0


@dataclass
class World:
    """Workers that can be killed, and a dispatcher that cannot."""

    shop: Shop
    ledger: Ledger
    folder: Path

    def worker(self, *orders: Order, at: str = "", how: str = "SIGKILL") -> Child:
        """A worker that gets the message of these orders, and dies or stops at the place `at`."""
        return self._worker([str(order.id) for order in orders], at, how)

    def _worker(self, ids: list[str], at: str = "", how: str = "SIGKILL") -> Child:
        once = self.folder / f"once-{uuid.uuid4().hex}"
        return fork(partial(advance_orders, ids), at=at, how=how, once=once)

    def recover(self, *orders: Order) -> Order:
        """What dispatcher and sound workers make of them, as they are due again."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            if due := take(ORDERS, limit=10, oldest=None, again=timedelta(seconds=0.2)):
                assert self._worker([str(order_id) for order_id, _ in due]).ended_well()
            for order in orders:
                order.refresh_from_db()
            if all(order.state in TERMINAL for order in orders):
                return orders[0]
            time.sleep(0.05)
        stuck = [(order.number, order.state, order.last_error) for order in orders]
        raise AssertionError(f"I9: not all have ended: {stuck}")

    def until_lease_is_over(self, *orders: Order) -> None:
        """Wait until a dead or sleeping worker holds none of them any more."""
        ids = [order.pk for order in orders]
        held = Order.objects.filter(pk__in=ids, lease_until__gte=Now())
        wait_for(lambda: not held.exists())

    def audit(self, *orders: Order) -> None:
        audit(orders, self.shop, self.ledger)


@pytest.fixture
def world(shop: Shop, settings: Settings, tmp_path: Path) -> Iterator[World]:
    settings.PAYMENT_PROVIDER_KEY = SECRET
    settings.OWNER_EMAIL = "owner@example.org"
    settings.ORDER_LEASE = LEASE
    settings.ORDER_RETRY = settings.ORDER_RETRY_MAX = timedelta(seconds=0.05)
    settings.ORDER_RESEND = timedelta(seconds=0.3)
    with bank_in(tmp_path) as bank:
        settings.PAYMENT_PROVIDER_URL = url_of(bank)
        _forget()
        yield World(shop, bank.ledger, tmp_path)
        _forget()


def _forget() -> None:
    for each in (production_ports, product_service, gateways, gateway):
        each.cache_clear()
