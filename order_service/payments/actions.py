"""Writes of payments and of the books. Called inside the transaction of the order's move."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from order_service.orders.states import PaymentStatus
from order_service.payments import metrics
from order_service.payments.models import Account
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


@dataclass(frozen=True)
class Opening:
    """The wish to pay an order, as long as it is in this state and version, by this provider."""

    order_id: uuid.UUID
    state: str
    version: int
    provider: str


# Under the orders' row locks: a cancel comes either before, and nothing is stored, or after, and
# its undo finds the payment. A conflict: a twin stored the very same payment.
OPEN = """
WITH here AS (
    SELECT orders_order.id, total, currency, wish.provider
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[])
        AS wish (order_id, state, version, provider)
    JOIN orders_order ON orders_order.id = wish.order_id
        AND orders_order.state = wish.state AND orders_order.version = wish.version
    ORDER BY orders_order.id FOR NO KEY UPDATE OF orders_order
)
INSERT INTO payments_payment
    (order_id, provider, kind, amount, currency, state, idempotency_key, provider_reference,
     confirm_url, decline_reason)
SELECT id, provider, 'card', total, currency, 'new',
    'order-' || id || CASE earlier.payments WHEN 0 THEN '' ELSE '-' || earlier.payments + 1 END,
    '', '', ''
FROM here CROSS JOIN LATERAL (
    SELECT count(*) AS payments, bool_and(state IN ('declined', 'voided')) AS are_over
    FROM payments_payment WHERE order_id = here.id
) earlier
WHERE are_over IS NOT false
ON CONFLICT DO NOTHING
RETURNING order_id, id, provider, idempotency_key, created_at
"""

# `news` lacks what we knew; `changed` lacks payments that were settled before.
CHANGE = """
WITH told AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS told (id, state, reference, confirm_url, reason)
), before AS (
    SELECT payment.id, payment.state, provider, provider_reference
    FROM payments_payment payment JOIN told ON told.id = payment.id
    ORDER BY payment.id FOR UPDATE OF payment
), news AS (
    SELECT told.*, before.state AS was FROM before JOIN told ON told.id = before.id
    WHERE before.state <> told.state OR told.reference NOT IN ('', before.provider_reference)
), changed AS (
    UPDATE payments_payment payment SET
        state = news.state,
        provider_reference = coalesce(nullif(news.reference, ''), provider_reference),
        confirm_url = news.confirm_url,
        decline_reason = coalesce(nullif(left(news.reason, 60), ''), decline_reason),
        updated_at = statement_timestamp()
    FROM news WHERE payment.id = news.id AND news.was <> ALL(%s)
    RETURNING payment.id, payment.state
), event AS (
    INSERT INTO payments_paymentevent (payment_id, from_state, to_state, data)
    SELECT id, was, state, jsonb_build_object('reference', reference, 'reason', reason) FROM news
)
SELECT before.id, before.state, coalesce(changed.state, before.state), before.provider
FROM before LEFT JOIN changed ON changed.id = before.id
"""

NEWEST = """
SELECT DISTINCT ON (order_id)
    order_id, id, provider, idempotency_key, created_at, state, provider_reference
FROM payments_payment WHERE order_id = ANY(%s) ORDER BY order_id, id DESC
"""

# Enters in the books the rows of `capture` (order_id, payment_id, amount), which is another part of
# the same statement: the provider owes us what we sold. Repeats change nothing.
BOOK = f"""
INSERT INTO payments_ledgerentry (order_id, booking, account, amount, key)
SELECT order_id, booking, account, sign * amount, booking || ':' || account
FROM capture CROSS JOIN LATERAL (SELECT 'capture:' || payment_id AS booking) booked
CROSS JOIN (VALUES ('{Account.PROVIDER}', 1), ('{Account.SALES}', -1)) AS half (account, sign)
ON CONFLICT DO NOTHING
"""  # noqa: S608


def open_payments(openings: Sequence[Opening]) -> dict[uuid.UUID, PaymentRecord]:
    """Store the next payment of each order.

    An order is missing if one of its payments is live or took the money, or if it has moved. The
    first payment's key follows from the order alone, so whoever repeats it after a crash or a
    restore has the same key.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, _columns(openings))
        return {order_id: PaymentRecord(*row) for order_id, *row in cursor.fetchall()}


def newest_payments(order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PaymentRecord]:
    """Those before them came to nothing."""
    if not order_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [list(order_ids)])
        rows = cursor.fetchall()
    return {
        order_id: PaymentRecord(pk, provider, key, created_at, PaymentState(state), reference)
        for order_id, pk, provider, key, created_at, state, reference in rows
    }


def change_payments(changes: Sequence[PaymentChange]) -> dict[int, PaymentState]:
    """Store what providers said, with an event each, and return the states as stored, by payment.

    News that comes after a payment was settled (from a frozen worker, say) is old: it stays in
    the events, and the payment as it is. The same key gives the same answer.
    """
    if not changes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CHANGE, [*_columns(changes), list(SETTLED)])
        rows = cursor.fetchall()
    for _, before, stored, provider in rows:
        if stored != before:
            metrics.changed(PaymentState(stored), provider)
    return {payment_id: PaymentState(stored) for payment_id, _, stored, _ in rows}


def _columns(rows: Sequence[Opening] | Sequence[PaymentChange]) -> list[list[object]]:
    return [list(column) for column in zip(*(vars(row).values() for row in rows), strict=True)]
