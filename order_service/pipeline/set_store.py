"""The tables of the pipeline, read and written for any number of orders at once.

Each method takes a list and gives one answer an order, in its order. What one order writes is its
own matter: if the database refuses a row, or has it locked for too long, the orders are written one
by one, and an exception is the answer of that order alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import (
    DataError,
    Error,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)
from psycopg import errors

from chassis import logs
from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.orders.crashpoints import crashpoint
from order_service.orders.events import SYSTEM, has_owner
from order_service.orders.models import Order
from order_service.orders.states import TERMINAL, State
from order_service.payments.actions import (
    STATUSES,
    Opening,
    PaymentChange,
    PaymentRecord,
    change_payments,
    newest_payments,
    open_payments,
)
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Claimed, Move, Policy
from order_service.pipeline.statements import CLAIM, CLAIM_SET, LINES, MOVE, POSTPONE

log = logs.get_logger(__name__)

# 55P03, 57014 (a statement that waits for one row after the other), 40P01, 40001: what PostgreSQL
# may answer to one and not to another.
LOCKED = (
    *(errors.LockNotAvailable, errors.QueryCanceled),
    *(errors.DeadlockDetected, errors.SerializationFailure),
)

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Store = TypeVar("Store", bound="SetStore")


@dataclass(frozen=True)
class Postponement:
    """A lease that is given back, until when, and why."""

    order: Claimed
    delay: timedelta
    error: str = ""
    is_failure: bool = False


@dataclass(frozen=True)
class Claim:
    """What became of the wish to work on an order."""

    order: Claimed | None = None  # None: it is not ours to work on
    request_id: str = ""  # of the request that placed it
    number: str = ""
    state: str = ""
    needs_person: bool = False  # and is claimed by nobody until one has looked at it


def together_or_apart(
    work: Callable[[Store, Sequence[Asked]], Sequence[Answer]],
) -> Callable[[Store, Sequence[Asked]], list[Answer | Exception]]:
    """All at once; one by one if the database refuses something of one of them."""

    @wraps(work)
    def wrapper(self: Store, asked: Sequence[Asked]) -> list[Answer | Exception]:
        try:
            return [*work(self, asked)]
        except (IntegrityError, DataError, OperationalError) as error:
            if isinstance(error, OperationalError) and not isinstance(error.__cause__, LOCKED):
                raise
            if len(asked) == 1:
                return [error]
        return [wrapper(self, [one])[0] for one in asked]

    return wrapper


class SetStore:
    """The orders and payments tables."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def claim(self, order_ids: Sequence[uuid.UUID]) -> list[Claim]:
        """A lease that was never given back counts as a failure: its holder died or froze."""
        parameters: dict[str, Any] = {
            "ids": list(order_ids),
            "lease": self._policy.lease,
            "grace": self._policy.grace,
            "most": self._policy.failures_to_attention,
        }
        statement = CLAIM if len(order_ids) == 1 else CLAIM_SET
        found = {row.pk: _claim(row) for row in Order.objects.raw(statement, parameters)}
        return [found.get(order_id, Claim()) for order_id in order_ids]

    def lines(self, orders: Sequence[Claimed]) -> list[tuple[Wanted, ...]]:
        lines: dict[uuid.UUID, list[Wanted]] = {order.id: [] for order in orders}
        with connection.cursor() as cursor:
            cursor.execute(LINES, {"ids": list(lines)})
            for order_id, *wanted in cursor.fetchall():
                lines[order_id].append(Wanted(*wanted))
        return [tuple(lines[order.id]) for order in orders]

    @together_or_apart
    def open_payments(self, asked: Sequence[tuple[Claimed, str]]) -> list[PaymentRecord | None]:
        opened = open_payments(
            [Opening(order.id, order.state, order.version, provider) for order, provider in asked]
        )
        found = newest_payments([order.id for order, _ in asked if order.id not in opened])
        return [opened.get(order.id) or found.get(order.id) for order, _ in asked]

    def find_payments(self, orders: Sequence[Claimed]) -> list[PaymentRecord | None]:
        found = newest_payments([order.id for order in orders])
        return [found.get(order.id) for order in orders]

    @together_or_apart
    def record_payments(self, changes: Sequence[PaymentChange]) -> list[None]:
        change_payments(changes)
        return [None] * len(changes)

    @together_or_apart
    def move(self, asked: Sequence[tuple[Claimed, Move]]) -> list[Claimed | None]:
        """None: somebody else moved the order."""
        changes = [move.payment for _, move in asked if move.payment]
        with transaction.atomic() if changes else nullcontext():  # one statement is one by itself
            # What a payment has become is stored whether its order's fence holds or not.
            moved = self._move(asked, change_payments(changes))
        overtaken = [order for order, _ in asked if order.id not in moved]
        if overtaken:
            self._give_back(overtaken)
        return [moved.get(order.id) for order, _ in asked]

    @together_or_apart
    def postpone(self, asked: Sequence[Postponement]) -> list[bool]:
        """Whether a person has to look at the order from now on."""
        parameters: dict[str, Any] = {
            "ids": [each.order.id for each in asked],
            "leases": [each.order.lease_until for each in asked],
            "delays": [each.delay for each in asked],
            "errors": [each.error[:300] for each in asked],
            "are_failures": [each.is_failure for each in asked],
            "terminal": sorted(TERMINAL),
            "most": self._policy.failures_to_attention,
        }
        with connection.cursor() as cursor:
            cursor.execute(POSTPONE, parameters)
            called = {order_id for order_id, attention_at in cursor.fetchall() if attention_at}
        return [each.is_failure and each.order.id in called for each in asked]

    def _give_back(self, overtaken: Sequence[Claimed]) -> None:
        """Their leases, which run out if that fails: the other orders of the set have moved."""
        try:
            answers = self.postpone([Postponement(order, timedelta(0)) for order in overtaken])
        except Error as error:
            answers = [error] * len(overtaken)
        for order, answer in zip(overtaken, answers, strict=True):
            if isinstance(answer, Exception):
                log.error("lease was not given back", order=order.number, error=repr(answer))

    def _move(
        self, asked: Sequence[tuple[Claimed, Move]], stored: Mapping[int, PaymentState]
    ) -> dict[uuid.UUID, Claimed]:
        """Those that moved; `stored` is how their payments stand."""
        crashpoint("inside_move")
        parameters: dict[str, Any] = {
            "ids": [order.id for order, _ in asked],
            "states": [order.state for order, _ in asked],
            "versions": [order.version for order, _ in asked],
            "to": [move.to for _, move in asked],
            "awaiting": [move.awaiting_for for _, move in asked],
            "reasons": [move.reason for _, move in asked],
            "short": [
                json.dumps([vars(line) for line in move.short]) if move.reason else None
                for _, move in asked
            ],
            "payments": [move.payment and move.payment.payment_id for _, move in asked],
            "paid": [
                STATUSES[stored[move.payment.payment_id]] if move.payment else None
                for _, move in asked
            ],
            "terminal": sorted(TERMINAL),
            "lease": self._policy.lease,
            "grace": self._policy.grace,
            "actor": SYSTEM,
            "has_owner": has_owner(),
        }
        with connection.cursor() as cursor:
            cursor.execute(MOVE, parameters)
            leases = {order_id: times for order_id, *times in cursor.fetchall()}
        return {
            order.id: _moved(order, move, *leases[order.id])
            for order, move in asked
            if order.id in leases
        }


def return_url(number: str) -> str:
    """Where the bank sends a shopper back to. A repeated call must name the same place."""
    return f"{settings.PUBLIC_URL}/orders/{number}/"


def as_claimed(
    order: Order, lease_until: datetime, awaiting_until: datetime | None = None
) -> Claimed:
    """An order in the shape that steps take."""
    return Claimed(
        id=order.id,
        number=order.number,
        state=State(order.state),
        version=order.version,
        lease_until=lease_until,
        attempts=order.attempts,
        amount=Money(order.total, order.currency),
        payment_token=order.payment_token,
        return_url=return_url(order.number),
        awaiting_until=awaiting_until,
        placed_at=order.placed_at,
        reason=order.reason,
    )


def _claim(row: Order) -> Claim:
    known = (row.request_id, row.number, row.state)
    if row.attention_at is not None or row.lease_until is None:
        return Claim(None, *known, needs_person=True)
    claimed = as_claimed(row, row.lease_until, row.awaiting_until)
    return Claim(claimed, *known)


def _moved(
    order: Claimed, move: Move, lease_until: datetime | None, awaiting_until: datetime | None
) -> Claimed:
    return replace(
        order,
        state=move.to,
        version=order.version + 1,
        lease_until=lease_until or order.lease_until,
        attempts=1,
        awaiting_until=awaiting_until,
        reason=move.reason or order.reason,
    )
