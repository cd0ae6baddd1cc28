"""Everything that can go wrong between a worker and what it talks to.

A worker is a greenlet: at each call, before and after the effect, it hands over to the scheduler,
which may run others, let time pass, or never come back (the worker was killed there).

    refused   the call is not made, and the caller knows it
    lost      the call is made, its answer is not heard
    late      the caller gives up; the call arrives at some later time
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

from chassis.money import Money
from order_service.clients.reservations import (
    Committed,
    Expired,
    Held,
    Released,
    Short,
    Standing,
    StockUnavailable,
    WantedStock,
)
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    NeverSeen,
    OpenAuthorization,
    PaymentRequest,
    PaymentTimeout,
    PaymentUnavailable,
    TakenPayment,
    Voided,
)
from order_service.tests.simulator.world import SimulatedProvider, SimulatedStock

Answer = TypeVar("Answer")
Pause = Callable[[str], None]


class Network:
    """The lines between one worker and the services; `faults` is the share of calls that fail."""

    def __init__(self, random: Random, pause: Pause) -> None:
        self._random = random
        self._pause = pause
        self.faults = 0.0
        self.in_flight: list[tuple[str, Callable[[], object]]] = []
        self.trace: Callable[[str], None] = lambda line: None

    def call(
        self,
        name: str,
        effect: Callable[[], Answer],
        *,
        refused: type[Exception],
        unsure: type[Exception],
    ) -> Answer:
        self._pause(f"{name} goes out")
        fault = self._fault()
        if fault:
            self.trace(f"  {name}: {fault}")
        if fault == "refused":
            raise refused(name)
        if fault == "late":
            self.in_flight.append((name, effect))
            raise unsure(name)
        answer = effect()
        self.trace(f"  {name}: {answer}")
        self._pause(f"{name} comes back")
        if fault == "lost":
            raise unsure(name)
        return answer

    def land_one(self) -> None:
        """A call whose caller gave up arrives after all."""
        name, effect = self.in_flight.pop(self._random.randrange(len(self.in_flight)))
        self.trace(f"  late {name}: {effect()}")

    def _fault(self) -> str | None:
        if self._random.random() >= self.faults:
            return None
        return self._random.choice(("refused", "lost", "lost", "late"))


class StockLine:
    """The `Stock` port over a network."""

    def __init__(self, network: Network, stock: SimulatedStock) -> None:
        self._network, self._stock = network, stock

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[WantedStock], ttl_seconds: int
    ) -> Held | Short | Committed | Released:
        return self._call("reserve", lambda: self._stock.reserve(order_id, lines, ttl_seconds))

    def commit(self, order_id: uuid.UUID) -> Committed | Expired | Short | Released:
        return self._call("commit", lambda: self._stock.commit(order_id))

    def release(self, order_id: uuid.UUID) -> None:
        return self._call("release", lambda: self._stock.release(order_id))

    def look_up(self, order_id: uuid.UUID) -> Standing:
        return self._call("look up stock", lambda: self._stock.look_up(order_id))

    def _call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        return self._network.call(name, effect, refused=StockUnavailable, unsure=StockUnavailable)


class PaymentLine:
    """The `PaymentGateway` port over a network."""

    def __init__(self, network: Network, provider: SimulatedProvider) -> None:
        self._network, self._provider = network, provider

    def authorize(
        self, payment: PaymentRequest, token: str
    ) -> Authorized | Declined | ActionRequired:
        return self._call("authorize", lambda: self._provider.authorize(payment, token))

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        return self._call("capture", lambda: self._provider.capture(reference, amount, key))

    def void(self, reference: str, key: str) -> Voided | Captured:
        return self._call("void", lambda: self._provider.void(reference, key))

    def look_up(
        self, key: str
    ) -> Authorized | Declined | ActionRequired | Captured | Voided | NeverSeen:
        return self._call("look up payment", lambda: self._provider.look_up(key))

    def list_open(self) -> tuple[OpenAuthorization, ...]:
        return self._call("list open", self._provider.list_open)

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        return self._call("list taken", lambda: self._provider.list_taken(since))

    def _call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        return self._network.call(name, effect, refused=PaymentUnavailable, unsure=PaymentTimeout)
