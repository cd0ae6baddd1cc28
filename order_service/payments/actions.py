"""Writes of payments and of the books. Called inside the transaction of the order's move."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from order_service.orders.states import PaymentStatus
from order_service.payments import metrics
from order_service.payments.models import Account, LedgerEntry
from order_service.payments.states import PaymentState

STATUSES: dict[PaymentState, PaymentStatus] = {
    PaymentState.NEW: PaymentStatus.PENDING,
    PaymentState.UNKNOWN: PaymentStatus.PENDING,
    PaymentState.ACTION_REQUIRED: PaymentStatus.PENDING,
    PaymentState.AUTHORIZED: PaymentStatus.AUTHORIZED,
    PaymentState.DECLINED: PaymentStatus.DECLINED,
    PaymentState.CAPTURED: PaymentStatus.PAID,
    PaymentState.VOIDED: PaymentStatus.VOIDED,
}
SETTLED = frozenset({PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.DECLINED})


# Under the order's row lock: a cancel comes either before, and nothing is stored, or after, and
# its undo finds the payment.
OPEN = """
INSERT INTO payments_payment
    (order_id, kind, amount, currency, state, idempotency_key, provider_reference, confirm_url,
     decline_reason)
SELECT id, 'card', total, currency, 'new', 'order-' || id, '', '', '' FROM orders_order
WHERE id = %s AND state = %s AND version = %s FOR NO KEY UPDATE
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING id, idempotency_key
"""

# `news` is empty if we knew it all; `changed` is empty if the payment was settled before.
CHANGE = """
WITH before AS (
    SELECT id, state, provider_reference FROM payments_payment WHERE id = %(id)s FOR UPDATE
), news AS (
    SELECT id, state FROM before
    WHERE state <> %(state)s OR %(reference)s NOT IN ('', provider_reference)
), changed AS (
    UPDATE payments_payment payment SET
        state = %(state)s,
        provider_reference = coalesce(nullif(%(reference)s, ''), provider_reference),
        confirm_url = %(confirm_url)s,
        decline_reason = coalesce(nullif(%(reason)s, ''), decline_reason),
        updated_at = statement_timestamp()
    FROM news WHERE payment.id = news.id AND news.state <> ALL(%(settled)s)
    RETURNING payment.state
), event AS (
    INSERT INTO payments_paymentevent (payment_id, from_state, to_state, data)
    SELECT id, state, %(state)s, %(data)s FROM news
)
SELECT before.state, coalesce(changed.state, before.state) FROM before LEFT JOIN changed ON true
"""


def open_payment(*, order_id: uuid.UUID, state: str, version: int) -> tuple[int, str] | None:
    """Store the order's payment: its id and key. None if there is one or the order has moved.

    Its key never changes.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [order_id, state, version])
        opened: tuple[int, str] | None = cursor.fetchone()
    return opened


def change_payment(
    *,
    payment_id: int,
    state: PaymentState,
    reference: str = "",
    confirm_url: str = "",
    reason: str = "",
) -> PaymentState:
    """Store what the provider said, with an event, and return the state as stored.

    News that comes after the payment was settled (from a frozen worker, say) is old: it stays in
    the events, and the payment as it is. The same key gives the same answer.
    """
    parameters: dict[str, Any] = {
        "id": payment_id,
        "state": state,
        "reference": reference,
        "confirm_url": confirm_url,
        "reason": reason,
        "settled": list(SETTLED),
        "data": Jsonb({"reference": reference, "reason": reason}),
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGE, parameters)
        before, stored = map(PaymentState, cursor.fetchone())
    if stored != before:
        metrics.changed(stored)
    return stored


def book_capture(*, order_id: uuid.UUID, payment_id: int, amount: Decimal) -> None:
    """Enter a capture in the books: the provider owes us what we sold. Repeats change nothing."""
    booking = f"capture:{payment_id}"
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                order_id=order_id,
                booking=booking,
                account=account,
                amount=signed,
                key=f"{booking}:{account}",
            )
            for account, signed in ((Account.PROVIDER, amount), (Account.SALES, -amount))
        ],
        ignore_conflicts=True,
    )
