"""Payments of orders, everything that happened to them, and the books.

A payment row is written and committed before the provider is called, so its key exists whatever
happens to the call. The ledger is double entry and append-only: the entries of one key sum to
zero.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chassis.money import Money
from order_service.orders.models import Order
from order_service.payments.states import LIVE, PaymentState


class Payment(models.Model):
    """One authorization and what became of it. An order has one after the other, never two live."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20, db_default="sandbox")  # its code
    kind = models.CharField(max_length=20, default="card")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=PaymentState.choices, default=PaymentState.NEW)
    # The key of the authorization: order-<id>, then order-<id>-2; capture and void derive theirs.
    idempotency_key = models.CharField(max_length=120, unique=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    confirm_url = models.CharField(max_length=500, blank=True)
    decline_reason = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="payment_one_live", condition=Q(state__in=LIVE)
            ),
            models.CheckConstraint(name="payment_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payment_state_known", condition=Q(state__in=PaymentState.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{Money.of(self.amount, self.currency)} {self.state}"


class PaymentEvent(models.Model):
    """One change of a payment; append-only."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20, choices=PaymentState.choices)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"


class Account(models.TextChoices):
    PROVIDER = "provider"  # what the payment provider owes us
    SALES = "sales"  # what we sold, gross; credits are negative


class LedgerEntry(models.Model):
    """Half of a booking; append-only. The amounts under one booking sum to zero."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="ledger")
    booking = models.CharField(max_length=120)  # capture:<payment id>
    account = models.CharField(max_length=20, choices=Account.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    key = models.CharField(max_length=140, unique=True)  # <booking>:<account>
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.account} {self.booking}"
