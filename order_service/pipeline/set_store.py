"""The statements of the pipeline, each for any number of orders at once.

Each takes a list and gives one answer an order, in its order. Rows are locked in the order of their
ids, payments before orders, so two sets that share orders never wait for each other in a ring. Time
is the database's own, so the clocks of the workers do not matter.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction

from chassis import logs
from chassis.money import Money
from order_service.clients.stock import Wanted
from order_service.orders import metrics
from order_service.orders.crashpoints import crashpoint
from order_service.orders.events import SYSTEM, Told, record_deliveries
from order_service.orders.models import Order, OrderLine
from order_service.orders.states import TERMINAL, State
from order_service.payments.actions import (
    STATUSES,
    Capture,
    Opening,
    PaymentChange,
    PaymentRecord,
    book_captures,
    change_payments,
    newest_payments,
    open_payments,
)
from order_service.pipeline.ports import Claimed, Move, Policy

log = logs.get_logger(__name__)

# Of several, only those that were never tried since their last move: the others may be the reason
# why a worker died, and are worked alone.
CLAIM = """
WITH free AS (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)s) AND next_attempt_at IS NOT NULL AND attention_at IS NULL
        AND (lease_until IS NULL OR lease_until < now())
        AND (attempts = 0 OR cardinality(%(ids)s) = 1)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order SET
    lease_until = now() + %(lease)s,
    next_attempt_at = now() + %(lease)s + %(grace)s,
    claims = claims + 1,
    attempts = attempts + 1,
    failures = failures + (lease_until IS NOT NULL)::int,
    attention_at = CASE WHEN failures + (lease_until IS NOT NULL)::int >= %(most)s THEN now() END
FROM free WHERE orders_order.id = free.id
RETURNING orders_order.id, number, state, version, lease_until, attempts, total, currency,
    payment_token, awaiting_until, placed_at, reason, attention_at, request_id
"""

# The fence, the move and its event in one. NULL leaves a column as it is; a lease of NULL is none.
MOVE = """
WITH own AS (
    SELECT wish.*, orders_order.state AS from_state, to_state = ANY(%(terminal)s) AS is_over
    FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(versions)s::int[], %(to)s::text[],
        %(awaiting)s::interval[], %(reasons)s::text[], %(short)s::text[], %(paid)s::text[])
        AS wish (id, state, version, to_state, awaiting, reason, short, payment_status)
    JOIN orders_order ON orders_order.id = wish.id
        AND orders_order.state = wish.state AND orders_order.version = wish.version
    ORDER BY orders_order.id FOR NO KEY UPDATE OF orders_order
), moved AS (
    UPDATE orders_order SET
        state = own.to_state,
        version = own.version + 1,
        attempts = (NOT is_over)::int,
        failures = 0,
        last_error = '',
        lease_until = CASE WHEN NOT is_over THEN statement_timestamp() + %(lease)s END,
        next_attempt_at =
            CASE WHEN NOT is_over THEN statement_timestamp() + %(lease)s + %(grace)s END,
        awaiting_until = coalesce(statement_timestamp() + own.awaiting, awaiting_until),
        reason = coalesce(own.reason, orders_order.reason),
        short = coalesce(own.short::jsonb, orders_order.short),
        payment_status = coalesce(own.payment_status, orders_order.payment_status),
        updated_at = statement_timestamp()
    FROM own WHERE orders_order.id = own.id
    RETURNING orders_order.id, orders_order.version, lease_until, awaiting_until
), event AS (
    INSERT INTO orders_orderevent (order_id, version, from_state, to_state, actor, data)
    SELECT moved.id, moved.version, from_state, to_state, %(actor)s,
        CASE WHEN own.reason IS NULL THEN '{}' ELSE jsonb_build_object('reason', own.reason) END
    FROM moved JOIN own ON own.id = moved.id
    RETURNING id, order_id
)
SELECT moved.id, event.id, lease_until, awaiting_until
FROM moved JOIN event ON event.order_id = moved.id
"""

POSTPONE = """
WITH own AS (
    SELECT wish.*, failures + is_failure::int AS failed
    FROM unnest(%(ids)s::uuid[], %(leases)s::timestamptz[], %(delays)s::interval[],
        %(errors)s::text[], %(are_failures)s::bool[])
        AS wish (id, lease, delay, error, is_failure)
    JOIN orders_order ON orders_order.id = wish.id AND lease_until = lease
    WHERE orders_order.state <> ALL(%(terminal)s)
    ORDER BY orders_order.id FOR NO KEY UPDATE OF orders_order
)
UPDATE orders_order SET
    lease_until = NULL,
    published_at = NULL,
    next_attempt_at = statement_timestamp() + delay,
    failures = failed,
    last_error = error,
    attention_at = CASE WHEN is_failure AND failed >= %(most)s THEN now() ELSE attention_at END
FROM own WHERE orders_order.id = own.id
RETURNING orders_order.id, attention_at
"""


@dataclass(frozen=True)
class Postponement:
    """A lease that is given back, until when, and why."""

    order: Claimed
    delay: timedelta
    error: str = ""
    is_failure: bool = False


class SetStore:
    """The orders and payments tables."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def claim(self, order_ids: Sequence[uuid.UUID]) -> list[tuple[Claimed | None, str]]:
        """The order, if it is ours now, and the id of the request that placed it.

        A lease that was never given back counts as a failure: its holder died or froze.
        """
        parameters: dict[str, Any] = {
            "ids": list(order_ids),
            "lease": self._policy.lease,
            "grace": self._policy.grace,
            "most": self._policy.failures_to_attention,
        }
        found = {row.pk: row for row in Order.objects.raw(CLAIM, parameters)}
        return [_claimed(found.get(order_id)) for order_id in order_ids]

    def lines(self, orders: Sequence[Claimed]) -> list[tuple[Wanted, ...]]:
        lines: dict[uuid.UUID, list[Wanted]] = {order.id: [] for order in orders}
        for line in OrderLine.objects.filter(order_id__in=lines).order_by("order_id", "position"):
            lines[line.order_id].append(Wanted(line.sku, line.quantity, line.variant_id))
        return [tuple(lines[order.id]) for order in orders]

    def open_payments(self, asked: Sequence[tuple[Claimed, str]]) -> list[PaymentRecord | None]:
        opened = open_payments(
            [Opening(order.id, order.state, order.version, provider) for order, provider in asked]
        )
        found = newest_payments([order.id for order, _ in asked if order.id not in opened])
        return [opened.get(order.id) or found.get(order.id) for order, _ in asked]

    def find_payments(self, orders: Sequence[Claimed]) -> list[PaymentRecord | None]:
        found = newest_payments([order.id for order in orders])
        return [found.get(order.id) for order in orders]

    def record_payments(self, changes: Sequence[PaymentChange]) -> list[None]:
        change_payments(changes)
        return [None] * len(changes)

    def move(self, asked: Sequence[tuple[Claimed, Move]]) -> list[Claimed | Exception | None]:
        """None: somebody else moved the order. An exception: the database refuses this move."""
        try:
            with transaction.atomic():
                moved = self._move(asked)
        except (IntegrityError, DataError) as error:
            if len(asked) == 1:
                return [error]
            return [self.move([one])[0] for one in asked]
        overtaken = [order for order, _ in asked if order.id not in moved]
        if overtaken:
            self.postpone([Postponement(order, timedelta(0)) for order in overtaken])
        for order, move in asked:
            if order.id in moved:
                log.info("order moved", order=order.number, before=order.state, after=move.to)
                _count(order, move)
            else:
                log.warning("order was moved by another", order=order.number, state=order.state)
        return [moved.get(order.id) for order, _ in asked]

    def postpone(self, asked: Sequence[Postponement]) -> list[None]:
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
        for each in asked:
            if each.is_failure and each.order.id in called:
                _log_attention(each.order.number, each.order.state)
        return [None] * len(asked)

    def _move(self, asked: Sequence[tuple[Claimed, Move]]) -> dict[uuid.UUID, Claimed]:
        """What a payment has become is stored whether its order's fence holds or not."""
        stored = change_payments([move.payment for _, move in asked if move.payment])
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
            "paid": [
                STATUSES[stored[move.payment.payment_id]] if move.payment else None
                for _, move in asked
            ],
            "terminal": sorted(TERMINAL),
            "lease": self._policy.lease,
            "grace": self._policy.grace,
            "actor": SYSTEM,
        }
        with connection.cursor() as cursor:
            cursor.execute(MOVE, parameters)
            rows = {order_id: row for order_id, *row in cursor.fetchall()}
        moved = [(order, move) for order, move in asked if order.id in rows]
        record_deliveries(
            [Told(rows[order.id][0], order.id, order.version + 1, move.to) for order, move in moved]
        )
        book_captures(
            [
                Capture(order.id, move.payment.payment_id, order.amount.amount)
                for order, move in moved
                if move.to is State.CONFIRMED and move.payment
            ]
        )
        return {order.id: _moved(order, move, *rows[order.id][1:]) for order, move in moved}


def return_url(number: str) -> str:
    """Where the bank sends a shopper back to. A repeated call must name the same place."""
    return f"{settings.PUBLIC_URL}/orders/{number}/"


def _claimed(row: Order | None) -> tuple[Claimed | None, str]:
    if row is None:
        return None, ""
    if row.attention_at is not None or row.lease_until is None:
        _log_attention(row.number, row.state)
        return None, row.request_id
    claimed = Claimed(
        id=row.id,
        number=row.number,
        state=State(row.state),
        version=row.version,
        lease_until=row.lease_until,
        attempts=row.attempts,
        amount=Money(row.total, row.currency),
        payment_token=row.payment_token,
        return_url=return_url(row.number),
        awaiting_until=row.awaiting_until,
        placed_at=row.placed_at,
        reason=row.reason,
    )
    return claimed, row.request_id


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


def _count(order: Claimed, move: Move) -> None:
    reason = move.reason or order.reason
    metrics.moved(move.to, reason)
    if move.to is State.CONFIRMED:
        metrics.confirmed(order.placed_at, order.amount)
    if move.to is State.CANCELLED:
        metrics.cancelled(order.placed_at, reason)


def _log_attention(number: str, state: str) -> None:
    log.error("order waits for a person", order=number, state=state)
