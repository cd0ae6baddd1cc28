"""Writes of payments and of the books. Called inside the transaction of the order's move."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

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


@dataclass(frozen=True)
class PaymentRecord:
    """A stored payment of an order."""

    id: int
    provider: str
    key: str
    created_at: datetime
    state: PaymentState = PaymentState.NEW
    reference: str = ""


@dataclass(frozen=True)
class PaymentChange:
    """What a call to the provider taught us about a payment."""

    payment_id: int
    state: PaymentState
    reference: str = ""
    confirm_url: str = ""
    reason: str = ""


# Under the order's row lock: a cancel comes either before, and nothing is stored, or after, and
# its undo finds the payment. A conflict: a twin stored the very same payment.
OPEN = """
INSERT INTO payments_payment
    (order_id, provider, kind, amount, currency, state, idempotency_key, provider_reference,
     confirm_url, decline_reason)
SELECT id, %s, 'card', total, currency, 'new',
    'order-' || id || CASE earlier.payments WHEN 0 THEN '' ELSE '-' || earlier.payments + 1 END,
    '', '', ''
FROM orders_order CROSS JOIN LATERAL (
    SELECT count(*) AS payments, bool_and(state IN ('declined', 'voided')) AS are_over
    FROM payments_payment WHERE order_id = orders_order.id
) earlier
WHERE id = %s AND state = %s AND version = %s AND are_over IS NOT false
FOR NO KEY UPDATE OF orders_order
ON CONFLICT DO NOTHING
RETURNING id, provider, idempotency_key, created_at
"""

# `news` is empty if we knew it all; `changed` is empty if the payment was settled before.
CHANGE = """
WITH before AS (
    SELECT id, state, provider, provider_reference FROM payments_payment
    WHERE id = %(payment_id)s FOR UPDATE
), news AS (
    SELECT id, state FROM before
    WHERE state <> %(state)s OR %(reference)s NOT IN ('', provider_reference)
), changed AS (
    UPDATE payments_payment payment SET
        state = %(state)s,
        provider_reference = coalesce(nullif(%(reference)s, ''), provider_reference),
        confirm_url = %(confirm_url)s,
        decline_reason = coalesce(nullif(left(%(reason)s, 60), ''), decline_reason),
        updated_at = statement_timestamp()
    FROM news WHERE payment.id = news.id AND news.state <> ALL(%(settled)s)
    RETURNING payment.state
), event AS (
    INSERT INTO payments_paymentevent (payment_id, from_state, to_state, data)
    SELECT id, state, %(state)s, %(data)s FROM news
)
SELECT before.state, coalesce(changed.state, before.state), before.provider
FROM before LEFT JOIN changed ON true
"""


def open_payment(
    *, order_id: uuid.UUID, state: str, version: int, provider: str
) -> PaymentRecord | None:
    """Store the order's next payment.

    None if one is live or took the money, or if the order has moved. The first one's key follows
    from the order alone, so whoever repeats it after a crash or a restore has the same key.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [provider, order_id, state, version])
        opened = cursor.fetchone()
    return None if opened is None else PaymentRecord(*opened)


def change_payment(change: PaymentChange) -> PaymentState:
    """Store what the provider said, with an event, and return the state as stored.

    News that comes after the payment was settled (from a frozen worker, say) is old: it stays in
    the events, and the payment as it is. The same key gives the same answer.
    """
    parameters = asdict(change) | {
        "settled": list(SETTLED),
        "data": Jsonb({"reference": change.reference, "reason": change.reason}),
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGE, parameters)
        before, stored, provider = cursor.fetchone()
    if stored != before:
        metrics.changed(PaymentState(stored), provider)
    return PaymentState(stored)


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
