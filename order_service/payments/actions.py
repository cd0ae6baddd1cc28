"""Writes of payments and of the books. Called inside the transaction of the order's move."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db.models.functions import Now

from order_service.orders.states import PaymentStatus
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
# News that would undo a settled payment is old news, or worth a fresh look at the provider.
SETTLED = frozenset({PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.DECLINED})


def open_payment(*, order_id: uuid.UUID, amount: Decimal, currency: str) -> tuple[Payment, bool]:
    """The order's payment, and whether it was stored just now. Its key never changes."""
    key = f"order-{order_id}"
    return Payment.objects.get_or_create(
        idempotency_key=key,
        defaults={"order_id": order_id, "amount": amount, "currency": currency},
    )


def change_payment(
    *,
    payment_id: int,
    state: PaymentState,
    reference: str = "",
    confirm_url: str = "",
    reason: str = "",
) -> PaymentState:
    """Store what the provider said, with an event, and return the state as stored.

    An outcome that comes after the payment was settled (a frozen worker's, say) is stored as
    `unknown`, so that the reconciler asks the provider how things really stand.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    before = PaymentState(payment.state)
    if before == state and (reference or payment.provider_reference) == payment.provider_reference:
        return before
    if before is PaymentState.CAPTURED:
        return before
    is_late = before in SETTLED and state not in SETTLED
    payment.state = PaymentState.UNKNOWN if is_late else state
    payment.provider_reference = reference or payment.provider_reference
    payment.confirm_url = confirm_url
    payment.decline_reason = reason or payment.decline_reason
    payment.updated_at = Now()
    payment.save()
    PaymentEvent.objects.create(
        payment=payment,
        from_state=before,
        to_state=payment.state,
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
