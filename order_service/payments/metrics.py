"""Numbers of payments: each is authorized or declined once; a call can fail any number of times."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from prometheus_client import Counter, Histogram

from chassis.metrics.series import begin_at_zero
from order_service.payments.states import PaymentState

PAYMENTS = Counter(
    "techcommerce_payments_total",
    "Payments authorized or declined, and calls to the provider that ended in error or timeout.",
    ["provider", "outcome"],
)
SECONDS = Histogram(
    "techcommerce_payment_seconds",
    "Calls to the payment provider.",
    ["provider"],
    buckets=[0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
)
OUTCOMES = {PaymentState.AUTHORIZED: "authorized", PaymentState.DECLINED: "declined"}
begin_at_zero(PAYMENTS, settings.PAYMENT_PROVIDERS, (*OUTCOMES.values(), "error", "timeout"))
begin_at_zero(SECONDS, settings.PAYMENT_PROVIDERS)


def changed(state: PaymentState, provider: str) -> None:
    """A payment came into `state`; counted once that is committed."""
    if outcome := OUTCOMES.get(state):
        transaction.on_commit(PAYMENTS.labels(provider, outcome).inc)
