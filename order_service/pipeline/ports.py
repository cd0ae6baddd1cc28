"""What the pipeline needs from the world, as protocols, and what it gets back, as frozen types.

Production gives it product_service, the payment provider and PostgreSQL; the simulator gives it
memory and lets each fail at every moment. Any call may happen twice, late or not at all, and its
answer may be lost: each one is safe to repeat.

    StockUnavailable, PaymentUnavailable, PaymentTimeout   away: repeat later, nobody's fault
    StockRefused, PaymentRefused, StepFailed               failed for this order: counted
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.clients.stock import Short, ShortLine, Standing
from order_service.orders.states import Reason, State
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.payments.gateways.registry import Gateways

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Ask(Protocol):
    """Makes a function that asks many things at once into one that asks one thing.

    Many answers come in the order of the questions; an exception among them is raised to whoever
    asked. Who asks in company waits until the others have asked as well (together.py).
    """

    def __call__(
        self, ask_all: Callable[[Sequence[Question]], Sequence[Answer | Exception]]
    ) -> Callable[[Question], Answer]: ...


def alone(
    ask_all: Callable[[Sequence[Question]], Sequence[Answer | Exception]],
) -> Callable[[Question], Answer]:
    """`Ask` of an order that is worked by itself."""

    def ask_one(question: Question) -> Answer:
        (answer,) = ask_all([question])
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask_one


class Call(Protocol):
    """Makes a call that nobody else makes, perhaps while others make theirs."""

    def __call__(self, call: Callable[[], Answer]) -> Answer: ...


def at_once(call: Callable[[], Answer]) -> Answer:
    """`Call` of an order that is worked by itself."""
    return call()


class StepFailed(Exception):
    """This order cannot go on as it is; the text says why."""


class Stock(Protocol):
    """What order_service.clients.stock does."""

    def in_company(self, ask: Ask) -> Stock:
        """The same, asked in company."""

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int
    ) -> Standing | Short: ...

    def commit(self, order_id: uuid.UUID) -> Standing | Short: ...

    def release(self, order_id: uuid.UUID) -> None: ...

    def look_up(self, order_id: uuid.UUID) -> Standing: ...


@dataclass(frozen=True)
class Claimed:
    """An order under our lease, as it was when we claimed it or moved it last."""

    id: uuid.UUID
    number: str
    state: State
    version: int  # the fence of the next move
    lease_until: datetime  # ours alone, so it is the lease's token as well
    attempts: int  # claims since the last move
    amount: Money
    payment_token: str
    return_url: str
    awaiting_until: datetime | None
    placed_at: datetime
    reason: str  # of its cancellation, once that is decided


@dataclass(frozen=True)
class Move:
    """A step's result: go to state `to`, and store what was learnt in the same transaction."""

    to: State
    reason: Reason | None = None
    short: tuple[ShortLine, ...] = ()
    payment: PaymentChange | None = None
    awaiting_for: timedelta | None = None


@dataclass(frozen=True)
class Wait:
    """A step's result: nothing to do before `delay` has passed, and nothing is wrong."""

    delay: timedelta


class Store(Protocol):
    """The database, as the pipeline sees it. Each call is one committed transaction."""

    def in_company(self, ask: Ask) -> Store:
        """The same, asked in company: then a transaction may hold the calls of several orders."""

    def claim(self, order_id: uuid.UUID) -> Claimed | None:
        """T1: take the lease, unless the order is terminal, leased or needs attention."""

    def lines(self, order: Claimed) -> tuple[Wanted, ...]: ...

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        """The payment of this order, stored with its key before any call is made.

        It is the newest one unless that came to nothing: then the next one, with a key of its own.
        None if somebody else moved the order: a payment that the undo cannot see must not begin.
        """

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        """The newest; those before it came to nothing."""

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        """Store an outcome, whatever state the order is in by now."""

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        """T2: the fenced move; None if somebody else moved the order. Renews the lease."""

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        """T3: give the lease back; look again after `delay`. 12 failures need attention."""


@dataclass(frozen=True)
class Policy:
    """How long things last."""

    lease: timedelta = timedelta(seconds=20)
    grace: timedelta = timedelta(seconds=5)  # from a lease's end to the next look
    retry: timedelta = timedelta(seconds=5)
    retry_max: timedelta = timedelta(seconds=300)
    reservation: timedelta = timedelta(minutes=30)
    awaiting_shopper: timedelta = timedelta(minutes=10)
    awaiting_poll: timedelta = timedelta(seconds=3)
    failures_to_attention: int = 12


@dataclass(frozen=True)
class Ports:
    """Everything outside the pipeline."""

    now: Callable[[], datetime]
    stock: Stock
    payments: Gateways
    store: Store
    policy: Policy = field(default_factory=Policy)
    jitter: Callable[[], float] = random.random  # 0..1; not a secret
    call: Call = at_once
