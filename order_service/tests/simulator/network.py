"""Everything that can go wrong between a worker and what it talks to.

A worker is a greenlet: at each call, before and after the effect, it hands over to the scheduler,
which may run others, let time pass, or never come back (the worker was killed there).

    refused   the call is not made, and the caller knows it
    lost      the call is made, its answer is not heard
    late      the caller gives up; the call arrives at some later time

A call to the payment provider is on its way for a minute at most, and a caller that slept as long
before it makes none: that is why a provider may forget its keys at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.clients.stock import Short, Standing, StockUnavailable
from order_service.payments.gateways.base import (
    Captured,
    Declined,
    FoundPayment,
    FoundRefund,
    Method,
    OpenAuthorization,
    PaymentRequest,
    PaymentStanding,
    PaymentTimeout,
    PaymentUnavailable,
    RefundStanding,
    TakenPayment,
    Voided,
)
from order_service.pipeline.ports import Ask
from order_service.tests.simulator.company import StockInCompany
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedClock, SimulatedStock

Answer = TypeVar("Answer")
Pause = Callable[[str], None]
LONGEST = timedelta(minutes=1)
FOR_EVER = timedelta.max


@dataclass(frozen=True)
class Late:
    """A call whose caller has given up."""

    name: str
    sent_at: datetime
    longest: timedelta
    effect: Callable[[], object]


class Network:
    """The lines between one worker and the services; `faults` is the share of calls that fail."""

    def __init__(self, random: Random, clock: SimulatedClock, pause: Pause) -> None:
        self._random = random
        self._clock = clock
        self._pause = pause
        self.faults = 0.0
        self.in_flight: list[Late] = []
        self.trace: Callable[[str], None] = lambda line: None

    def call(
        self,
        name: str,
        effect: Callable[[], Answer],
        *,
        refused: type[Exception],
        unsure: type[Exception],
        longest: timedelta = FOR_EVER,
    ) -> Answer:
        began = self._clock.now()
        self._pause(f"{name} goes out")
        fault = "refused" if self._clock.now() - began > longest else self._fault()
        if fault:
            self.trace(f"  {name}: {fault}")
        if fault == "refused":
            raise refused(name)
        if fault == "late":
            self.in_flight.append(Late(name, self._clock.now(), longest, effect))
            raise unsure(name)
        answer = effect()
        self.trace(f"  {name}: {answer}")
        self._pause(f"{name} comes back")
        if fault == "lost":
            raise unsure(name)
        return answer

    def land_one(self) -> None:
        """A call whose caller gave up arrives after all."""
        late = self.in_flight.pop(self._random.randrange(len(self.in_flight)))
        if self._clock.now() - late.sent_at <= late.longest:
            self.trace(f"  late {late.name}: {late.effect()}")

    def _fault(self) -> str | None:
        if self._random.random() >= self.faults:
            return None
        return self._random.choice(("refused", "lost", "lost", "late"))


class StockLine:
    """The `Stock` port over a network; a call may be for several orders."""

    def __init__(self, network: Network, stock: SimulatedStock) -> None:
        self._network, self._stock = network, stock

    def in_company(self, ask: Ask) -> StockInCompany:
        return StockInCompany(self, ask)

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int
    ) -> Standing | Short:
        return self.reserve_all([(order_id, lines, ttl_seconds)])[0]

    def commit(self, order_id: uuid.UUID) -> Standing | Short:
        return self.commit_all([order_id])[0]

    def release(self, order_id: uuid.UUID) -> None:
        self.release_all([order_id])

    def reserve_all(
        self, wishes: Sequence[tuple[uuid.UUID, Sequence[Wanted], int]]
    ) -> list[Standing | Short]:
        return self._call("reserve", lambda: [self._stock.reserve(*wish) for wish in wishes])

    def commit_all(self, order_ids: Sequence[uuid.UUID]) -> list[Standing | Short]:
        return self._call("commit", lambda: [self._stock.commit(each) for each in order_ids])

    def release_all(self, order_ids: Sequence[uuid.UUID]) -> list[None]:
        self._call("release", lambda: list(map(self._stock.release, order_ids)))
        return [None] * len(order_ids)

    def look_up(self, order_id: uuid.UUID) -> Standing:
        return self._call("look up stock", lambda: self._stock.look_up(order_id))

    def _call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        return self._network.call(name, effect, refused=StockUnavailable, unsure=StockUnavailable)


class PaymentLine:
    """The `PaymentGateway` port over a network."""

    def __init__(self, network: Network, provider: SimulatedProvider) -> None:
        self._network, self._provider = network, provider

    @property
    def keys_live(self) -> timedelta:
        return self._provider.keys_live

    def methods(self) -> tuple[Method, ...]:
        return self._provider.methods()

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        return self._call("authorize", lambda: self._provider.authorize(payment, token))

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        return self._call("capture", lambda: self._provider.capture(reference, amount, key))

    def void(self, reference: str, key: str) -> Voided | Captured:
        return self._call("void", lambda: self._provider.void(reference, key))

    def refund(self, reference: str, amount: Money, key: str) -> RefundStanding:
        return self._call("refund", lambda: self._provider.refund(reference, amount, key))

    def look_up(self, reference: str) -> PaymentStanding:
        return self._call("look up payment", lambda: self._provider.look_up(reference))

    def find(self, order_number: str, since: datetime) -> tuple[FoundPayment, ...]:
        return self._call("find payment", lambda: self._provider.find(order_number, since))

    def look_up_refund(self, refund: str) -> RefundStanding:
        return self._call("look up refund", lambda: self._provider.look_up_refund(refund))

    def list_refunds(self, reference: str) -> tuple[FoundRefund, ...]:
        return self._call("list refunds", lambda: self._provider.list_refunds(reference))

    def list_open(self) -> tuple[OpenAuthorization, ...]:
        return self._call("list open", self._provider.list_open)

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        return self._call("list taken", lambda: self._provider.list_taken(since))

    def _call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        return self._network.call(
            name, effect, refused=PaymentUnavailable, unsure=PaymentTimeout, longest=LONGEST
        )
