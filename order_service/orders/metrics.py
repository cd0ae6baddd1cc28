"""Metrics of orders. They count at commit, so what is rolled back is not counted.

`rejected` is an order that we decided against (sold out, card declined), `cancelled` one that a
person or the clock did. A decision is counted when its state is final.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from prometheus_client import Counter, Histogram

from chassis.metrics.series import begin_at_zero
from chassis.money import Money
from order_service.orders.states import MOVES, Reason, State

PLACED = Counter("techcommerce_orders_placed_total", "Orders that were accepted.", ["currency"])
TRANSITIONS = Counter(
    "techcommerce_order_transitions_total",
    "Moves of orders; the reason is that of a cancellation.",
    ["to_state", "reason"],
)
DECISION_SECONDS = Histogram(
    "techcommerce_order_decision_seconds",
    "From the placement of an order to its final state.",
    ["decision"],
    buckets=[0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600],
)
REVENUE = Counter(
    "techcommerce_revenue_minor_total",
    "Totals of confirmed orders, in the currency's smallest unit.",
    ["currency"],
)
REPLAYS = Counter(
    "techcommerce_idempotent_replays_total",
    "Repeated requests that were given their first answer again.",
    ["endpoint"],
)
REJECTIONS = frozenset({Reason.OUT_OF_STOCK, Reason.PAYMENT_DECLINED})

UNDONE = {State.CANCELLING, State.CANCELLED}
begin_at_zero(TRANSITIONS, UNDONE, Reason.values)
begin_at_zero(TRANSITIONS, set().union(*MOVES.values()) - UNDONE, [""])
begin_at_zero(PLACED, [settings.STORE_CURRENCY])
begin_at_zero(REVENUE, [settings.STORE_CURRENCY])
begin_at_zero(DECISION_SECONDS, ["confirmed", "rejected", "cancelled"])
begin_at_zero(REPLAYS, ["place_order"])


def placed(currency: str) -> None:
    transaction.on_commit(PLACED.labels(currency).inc)


def moved(to: State, reason: str = "") -> None:
    transaction.on_commit(TRANSITIONS.labels(to, reason).inc)


def confirmed(placed_at: datetime, total: Money) -> None:
    _decided("confirmed", placed_at)
    transaction.on_commit(partial(REVENUE.labels(total.currency).inc, total.minor_units()))


def cancelled(placed_at: datetime, reason: str) -> None:
    _decided("rejected" if reason in REJECTIONS else "cancelled", placed_at)


def _decided(decision: str, placed_at: datetime) -> None:
    seconds = max((timezone.now() - placed_at).total_seconds(), 0)
    transaction.on_commit(partial(DECISION_SECONDS.labels(decision).observe, seconds))
