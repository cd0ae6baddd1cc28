"""The pipeline's Store on PostgreSQL: leases, fences, and one transaction a move.

Time is the database's own, so the clocks of the workers do not matter.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from chassis import logs
from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.orders import metrics
from order_service.orders.crashpoints import crashpoint
from order_service.orders.events import SYSTEM, record_deliveries
from order_service.orders.models import Order, OrderEvent, OrderLine
from order_service.orders.states import TERMINAL, PaymentStatus, State
from order_service.payments.actions import (
    STATUSES,
    PaymentChange,
    PaymentRecord,
    book_capture,
    change_payment,
    open_payment,
)
from order_service.payments.models import Payment
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Claimed, Move, Policy

log = logs.get_logger(__name__)

CLAIM = """
UPDATE orders_order SET
    lease_until = now() + %(lease)s,
    next_attempt_at = now() + %(lease)s + %(grace)s,
    claims = claims + 1,
    attempts = attempts + 1,
    failures = failures + (lease_until IS NOT NULL)::int,
    attention_at = CASE WHEN failures + (lease_until IS NOT NULL)::int >= %(most)s THEN now() END
WHERE id = %(id)s AND next_attempt_at IS NOT NULL AND attention_at IS NULL
    AND (lease_until IS NULL OR lease_until < now())
RETURNING id, number, state, version, lease_until, attempts, total, currency, payment_token,
    awaiting_until, placed_at, reason, attention_at, request_id
"""

# The fence, the move and its event in one. NULL leaves a column as it is; a lease of NULL is none.
MOVE = """
WITH moved AS (
    UPDATE orders_order SET
        state = %(to)s,
        version = %(version)s + 1,
        attempts = %(attempts)s,
        failures = 0,
        last_error = '',
        lease_until = statement_timestamp() + %(lease)s::interval,
        next_attempt_at = statement_timestamp() + %(lease)s::interval + %(grace)s,
        awaiting_until = coalesce(statement_timestamp() + %(awaiting)s::interval, awaiting_until),
        reason = coalesce(%(reason)s, reason),
        short = coalesce(%(short)s, short),
        payment_status = coalesce(%(payment_status)s, payment_status),
        updated_at = statement_timestamp()
    WHERE id = %(id)s AND state = %(state)s AND version = %(version)s
    RETURNING id, version, lease_until, awaiting_until
), event AS (
    INSERT INTO orders_orderevent (order_id, version, from_state, to_state, actor, data)
    SELECT id, version, %(state)s, %(to)s, %(actor)s, %(data)s FROM moved
    RETURNING id
)
SELECT event.id, lease_until, awaiting_until FROM moved, event
"""

Moved = tuple[int, datetime | None, datetime | None]  # event, lease_until, awaiting_until


class DatabaseStore:
    """Store over the orders and payments tables."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def claim(self, order_id: uuid.UUID) -> Claimed | None:
        """A lease that was never given back counts as a failure: its holder died or froze."""
        parameters: dict[str, Any] = {
            "id": order_id,
            "lease": self._policy.lease,
            "grace": self._policy.grace,
            "most": self._policy.failures_to_attention,
        }
        row = next(iter(Order.objects.raw(CLAIM, parameters)), None)
        if row is None:
            return None
        logs.set_request_id(row.request_id)
        if row.attention_at is not None:
            log.error("order waits for a person", order=row.number, state=row.state)
            return None
        assert row.lease_until is not None, "the statement has just set it"
        return Claimed(
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

    def lines(self, order: Claimed) -> tuple[Wanted, ...]:
        lines = OrderLine.objects.filter(order_id=order.id)
        return tuple(Wanted(line.sku, line.quantity, line.variant_id) for line in lines)

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        opened = open_payment(
            order_id=order.id, state=order.state, version=order.version, provider=provider
        )
        return opened or self.find_payment(order)

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        row = Payment.objects.filter(order_id=order.id).order_by("-id").first()
        if row is None:
            return None
        known = (row.pk, row.provider, row.idempotency_key, row.created_at)
        return PaymentRecord(*known, PaymentState(row.state), row.provider_reference)

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        change_payment(change)

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        with transaction.atomic():
            status = None if move.payment is None else STATUSES[change_payment(move.payment)]
            crashpoint("inside_move")
            moved = self._fenced_update(order, move, status)
            if moved is not None:
                self._write_consequences(order, move, event_id=moved[0])
        if moved is None:
            log.warning("order was moved by somebody else", order=order.number, state=order.state)
            self.postpone(order, timedelta(0))
            return None
        log.info("order moved", order=order.number, before=order.state, after=move.to)
        _, lease, awaiting = moved
        return replace(
            order,
            state=move.to,
            version=order.version + 1,
            lease_until=lease or order.lease_until,
            attempts=1,
            awaiting_until=awaiting,
            reason=move.reason or order.reason,
        )

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        ours = Order.objects.undecided().filter(pk=order.id, lease_until=order.lease_until)
        updated = ours.update(
            lease_until=None,
            published_at=None,
            next_attempt_at=Now() + delay,
            failures=F("failures") + int(is_failure),
            last_error=error[:300],
        )
        most = self._policy.failures_to_attention
        stuck = Order.objects.filter(pk=order.id, failures__gte=most)
        if updated and is_failure and stuck.update(attention_at=Now()):
            log.error("order waits for a person", order=order.number, state=order.state)

    def _fenced_update(
        self, order: Claimed, move: Move, status: PaymentStatus | None
    ) -> Moved | None:
        is_over = move.to in TERMINAL
        is_decided = move.reason is not None
        parameters: dict[str, Any] = {
            "id": order.id,
            "state": order.state,
            "version": order.version,
            "to": move.to,
            "attempts": 0 if is_over else 1,
            "lease": None if is_over else self._policy.lease,
            "grace": self._policy.grace,
            "awaiting": move.awaiting_for,
            "reason": move.reason,
            "short": Jsonb([vars(line) for line in move.short]) if is_decided else None,
            "payment_status": status,
            "actor": SYSTEM,
            "data": Jsonb({"reason": move.reason} if is_decided else {}),
        }
        with connection.cursor() as cursor:
            cursor.execute(MOVE, parameters)
            moved: Moved | None = cursor.fetchone()
        return moved

    def _write_consequences(self, order: Claimed, move: Move, *, event_id: int) -> None:
        version = order.version + 1
        record_deliveries(
            OrderEvent(id=event_id, order_id=order.id, version=version, to_state=move.to)
        )
        reason = move.reason or order.reason
        metrics.moved(move.to, reason)
        if move.to is State.CONFIRMED:
            metrics.confirmed(order.placed_at, order.amount)
        if move.to is State.CANCELLED:
            metrics.cancelled(order.placed_at, reason)
        if move.to is State.CONFIRMED and move.payment is not None:
            paid = move.payment.payment_id
            book_capture(order_id=order.id, payment_id=paid, amount=order.amount.amount)


def return_url(number: str) -> str:
    """Where the bank sends a shopper back to. A repeated call must name the same place."""
    return f"{settings.PUBLIC_URL}/orders/{number}/"
