"""The states of a payment: an authorization and what became of it."""

from __future__ import annotations

from django.db.models import TextChoices


class PaymentState(TextChoices):
    NEW = "new"  # stored; the call has not gone out as far as we know
    UNKNOWN = "unknown"  # the call went out and no answer came: repeat under the same key
    ACTION_REQUIRED = "action_required"  # the shopper has to confirm with the bank
    AUTHORIZED = "authorized"  # the provider holds the money
    DECLINED = "declined"  # refused; nothing held
    CAPTURED = "captured"  # taken
    VOIDED = "voided"  # given back, or never held
    REFUNDED = "refunded"  # taken and paid back


# Those that hold, or may come to hold, money of a shopper.
LIVE = (
    PaymentState.NEW,
    PaymentState.UNKNOWN,
    PaymentState.ACTION_REQUIRED,
    PaymentState.AUTHORIZED,
)
