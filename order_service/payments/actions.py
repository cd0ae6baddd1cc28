"""Writes of payments and of the books. Called inside the transaction of the order's move."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import connection
from django.db.models.functions import Now

from order_service.orders.states import PaymentStatus
from order_service.payments import metrics
from order_service.payments.models import Account, LedgerEntry, Payment, PaymentEvent
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
"""


def open_payment(*, order_id: uuid.UUID, state: str, version: int) -> bool:
    """Store the order's payment unless there is one or the order has moved; whether it was stored.

    Its key never changes.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [order_id, state, version])
        return bool(cursor.rowcount)


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
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    before = PaymentState(payment.state)
    if before == state and (reference or payment.provider_reference) == payment.provider_reference:
        return before
    if before not in SETTLED:
        payment.state = state
        payment.provider_reference = reference or payment.provider_reference
        payment.confirm_url = confirm_url
        payment.decline_reason = reason or payment.decline_reason
        payment.updated_at = Now()
        payment.save()
        if state != before:
            metrics.changed(state)
    PaymentEvent.objects.create(
        payment=payment,
        from_state=before,
        to_state=state,
        data={"reference": reference, "reason": reason},
    )
    return PaymentState(payment.state)


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
