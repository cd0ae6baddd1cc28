"""The pipeline's Store on PostgreSQL: leases, fences, and one transaction a move.

Time is the database's own, so the clocks of the workers do not matter.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from chassis import logs
from chassis.money import Money
from order_service.orders import metrics
from order_service.orders.crashpoints import crashpoint
from order_service.orders.events import record_event
from order_service.orders.models import Order, OrderLine
from order_service.orders.ports import (
    Claimed,
    Move,
    PaymentChange,
    PaymentRecord,
    Policy,
    WantedStock,
)
from order_service.orders.states import TERMINAL, PaymentStatus, State
from order_service.payments.actions import STATUSES, book_capture, change_payment, open_payment
from order_service.payments.models import Payment
from order_service.payments.states import PaymentState

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
RETURNING number, state, version, lease_until, attempts, total, currency, payment_token,
    awaiting_until, placed_at, reason, attention_at, request_id
"""


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
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, parameters)
            row = cursor.fetchone()
        if row is None:
            return None
        *columns, attention_at, request_id = row
        logs.set_request_id(request_id)
        order = _claimed(order_id, *columns)
        if attention_at is not None:
            log.error("order waits for a person", order=order.number, state=order.state)
            return None
        return order

    def lines(self, order: Claimed) -> tuple[WantedStock, ...]:
        rows = OrderLine.objects.filter(order_id=order.id).values_list("sku", "quantity")
        return tuple(WantedStock(sku, quantity) for sku, quantity in rows)

    def open_payment(self, order: Claimed) -> PaymentRecord | None:
        is_fresh = open_payment(order_id=order.id, state=order.state, version=order.version)
        payment = self.find_payment(order)
        return payment and replace(payment, is_fresh=is_fresh)

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        payment = Payment.objects.filter(order_id=order.id).order_by("-id").first()
        return None if payment is None else _record(payment, is_fresh=False)

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        with transaction.atomic():
            _change(change)

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        with transaction.atomic():
            status = None if move.payment is None else STATUSES[_change(move.payment)]
            crashpoint("inside_move")
            row = self._fenced_update(order, move, status)
            if row is not None:
                self._write_consequences(order, move)
        if row is None:
            log.warning("order was moved by somebody else", order=order.number, state=order.state)
            self._give_back(order)
            return None
        log.info("order moved", order=order.number, before=order.state, after=move.to)
        lease, awaiting = row
        return replace(
            order,
            state=move.to,
            version=order.version + 1,
            lease_until=lease or order.lease_until,
            attempts=1,
            awaiting_until=awaiting,
            reason=move.reason or order.reason,
            is_fresh=True,
        )

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        updated = self._ours(order).update(
            lease_until=None,
            published_at=None,
            next_attempt_at=Now() + delay,
            failures=F("failures") + int(is_failure),
            last_error=error[:300],
        )
        if updated and is_failure:
            self._call_a_person(order)

    def assert_no_transaction(self) -> None:
        assert not connection.in_atomic_block, "a step talks to other services"

    def _fenced_update(
        self, order: Claimed, move: Move, status: PaymentStatus | None
    ) -> tuple[datetime | None, datetime | None] | None:
        is_over = move.to in TERMINAL
        lease, grace = self._policy.lease, self._policy.grace
        changes: dict[str, Any] = {
            "state": move.to,
            "version": order.version + 1,
            "attempts": 0 if is_over else 1,
            "failures": 0,
            "last_error": "",
            "lease_until": None if is_over else Now() + lease,
            "next_attempt_at": None if is_over else Now() + lease + grace,
            "updated_at": Now(),
        }
        if move.reason is not None:
            changes["reason"] = move.reason
            changes["short"] = [vars(line) for line in move.short]
        if move.awaiting_for is not None:
            changes["awaiting_until"] = Now() + move.awaiting_for
        if status is not None:
            changes["payment_status"] = status
        fence = Order.objects.filter(pk=order.id, state=order.state, version=order.version)
        if not fence.update(**changes):
            return None
        if is_over:
            return None, None
        return Order.objects.values_list("lease_until", "awaiting_until").get(pk=order.id)

    def _write_consequences(self, order: Claimed, move: Move) -> None:
        record_event(
            order_id=order.id,
            version=order.version + 1,
            from_state=order.state,
            to_state=move.to,
            data={"reason": move.reason} if move.reason else {},
        )
        reason = move.reason or order.reason
        metrics.moved(move.to, reason)
        if move.to is State.CONFIRMED:
            metrics.confirmed(order.placed_at, order.amount)
        if move.to is State.CANCELLED:
            metrics.cancelled(order.placed_at, reason)
        if move.to is State.CONFIRMED and move.payment is not None:
            book_capture(
                order_id=order.id,
                payment_id=move.payment.payment_id,
                amount=order.amount.amount,
            )

    def _give_back(self, order: Claimed) -> None:
        """Our fence failed: whoever moved the order wants it looked at as soon as we let go."""
        Order.objects.filter(
            pk=order.id, lease_until=order.lease_until, next_attempt_at__isnull=False
        ).update(lease_until=None, published_at=None, next_attempt_at=Now())

    def _ours(self, order: Claimed) -> Any:
        return Order.objects.filter(pk=order.id, lease_until=order.lease_until).exclude(
            state__in=TERMINAL
        )

    def _call_a_person(self, order: Claimed) -> None:
        most = self._policy.failures_to_attention
        if Order.objects.filter(pk=order.id, failures__gte=most).update(attention_at=Now()):
            log.error("order waits for a person", order=order.number, state=order.state)


def _claimed(
    order_id: uuid.UUID,
    number: str,
    state: str,
    version: int,
    lease_until: datetime,
    attempts: int,
    total: Decimal,
    currency: str,
    payment_token: str,
    awaiting_until: datetime | None,
    placed_at: datetime,
    reason: str,
) -> Claimed:
    return Claimed(
        id=order_id,
        number=number,
        state=State(state),
        version=version,
        lease_until=lease_until,
        attempts=attempts,
        amount=Money(total, currency),
        payment_token=payment_token,
        return_url=f"{settings.PUBLIC_URL}/orders/{number}/",
        awaiting_until=awaiting_until,
        placed_at=placed_at,
        reason=reason,
    )


def _change(change: PaymentChange) -> PaymentState:
    return change_payment(
        payment_id=change.payment_id,
        state=change.state,
        reference=change.reference,
        confirm_url=change.confirm_url,
        reason=change.reason,
    )


def _record(payment: Payment, *, is_fresh: bool) -> PaymentRecord:
    return PaymentRecord(
        id=payment.pk,
        key=payment.idempotency_key,
        state=PaymentState(payment.state),
        reference=payment.provider_reference,
        is_fresh=is_fresh,
    )
