"""Each gateway with its provider on a bench: what the contract does besides calling the gateway.

A new gateway gets a bench here, with a provider that knows these tokens. `test_contract.py` then
runs against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

from chassis.http import ServiceClient
from order_service.payments.gateways.base import PaymentGateway
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.tests.payments.line import line_to
from order_service.tests.simulator.network import Network, PaymentLine
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedClock
from tests.bank import SECRET, bank_in

APPROVE, DECLINE, CONFIRM = "tok_approve", "tok_decline", "tok_confirm"
CAPTURE_DECLINE = "tok_capture_decline"
REFUND_PENDING, REFUND_FAILS_LATER = "tok_refund_pending", "tok_refund_fails_later"


class AnswerShopper(Protocol):
    def __call__(self, reference: str, /, *, approved: bool) -> object: ...


@dataclass
class Bench:
    """A gateway, and hands on what is behind it."""

    gateway: PaymentGateway
    lose: Callable[[str], None]  # calls "before" they arrive, or "after": their answers; "": none
    answer_shopper: AnswerShopper  # on the bank's page
    settle: Callable[[], None]  # every pending refund ends


@contextmanager
def sandbox(folder: Path) -> Iterator[Bench]:
    with (
        bank_in(folder, refund_seconds=3600) as bank,
        line_to(bank.server_address[1]) as line,
    ):
        client = ServiceClient(upstream="payment_provider", base_url=line.url, deadline_seconds=3.0)

        def lose(what: str) -> None:
            line.lose = what

        yield Bench(
            SandboxGateway(client, SECRET),
            lose,
            bank.ledger.confirm,
            lambda: bank.refunds.settle(at=datetime.now(UTC) + timedelta(hours=2)),
        )


class Told(Network):
    """A network that fails while it is told to."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__(Random(0), clock, lambda where: None)
        self.lose = ""

    def _fault(self) -> str | None:
        return {"before": "late", "after": "lost"}.get(self.lose)


@contextmanager
def simulated(folder: Path) -> Iterator[Bench]:
    """The simulator's own provider: what it proves holds for real ones as far as this does."""
    clock = SimulatedClock()
    provider, network = SimulatedProvider(clock), Told(clock)

    def lose(what: str) -> None:
        network.lose = what

    yield Bench(PaymentLine(network, provider), lose, provider.answer_shopper, provider.settle)


BENCHES: dict[str, Callable[[Path], AbstractContextManager[Bench]]] = {
    "sandbox": sandbox,
    "simulated": simulated,
}
