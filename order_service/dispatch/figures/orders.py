"""How orders and deliveries stand, read from the database; several scrapes share one look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from chassis.metrics.figures import Figure, Figures
from order_service.audit.models import Drift, DriftKind
from order_service.dispatch import due
from order_service.orders.models import Delivery, Order
from order_service.orders.states import TERMINAL, State

RECENT = timedelta(hours=24)

ORDERS = Figure(
    "techcommerce_orders",
    "Orders by state; of final ones those placed in the last 24 hours.",
    ("state",),
)
OLDEST_UNDECIDED = Figure(
    "techcommerce_order_oldest_undecided_age_seconds",
    "Since when the oldest order waits for us: it is in no final state and not at the shopper's "
    "bank; 0 when none does.",
)
IN_ATTENTION = Figure("techcommerce_orders_in_attention", "Orders that need attention.")
PENDING = Figure("techcommerce_outbox_pending", "Rows that are due and not announced.", ("topic",))
PENDING_AGE = Figure(
    "techcommerce_outbox_oldest_age_seconds",
    "Since when the oldest of them is due; 0 when there is none.",
    ("topic",),
)
DEAD = Figure("techcommerce_outbox_dead", "Rows that were given up and need attention.", ("topic",))
VIOLATIONS = Figure(
    "techcommerce_invariant_violations", "Differences that are not repaired.", ("check",)
)


def order_figures() -> Figures:
    return Figures(_read, seconds=5.0)


def _read() -> Iterable[GaugeMetricFamily]:
    now = timezone.now()
    undecided = list(
        Order.objects.undecided()
        .values("state")
        .annotate(orders=Count("pk"), oldest=Min("placed_at"), attention=Count("attention_at"))
    )
    ended = Order.objects.filter(state__in=TERMINAL, placed_at__gt=Now() - RECENT)
    counts = dict.fromkeys(State.values, 0)
    counts |= {row["state"]: row["orders"] for row in undecided}
    counts |= dict(ended.values_list("state").annotate(Count("pk")))
    yield ORDERS.of({(state,): count for state, count in counts.items()})
    waiting = [row["oldest"] for row in undecided if row["state"] != State.AWAITING_SHOPPER]
    oldest = min(waiting, default=now)
    yield OLDEST_UNDECIDED.of({(): max((now - oldest).total_seconds(), 0)})
    in_attention = sum(row["attention"] for row in undecided)
    yield IN_ATTENTION.of({(): in_attention})
    yield from _outbox(in_attention)
    found = Drift.objects.unrepaired().values_list("kind").annotate(Count("pk"))
    yield VIOLATIONS.of({(kind,): 0 for kind in DriftKind.values} | {(k,): n for k, n in found})


def _outbox(orders_in_attention: int) -> Iterable[GaugeMetricFamily]:
    now = timezone.now()
    orders = Order.objects.unannounced().aggregate(**_counted(due.ORDERS))
    waiting = {(due.ORDERS.queue,): orders} | {
        (each.queue,): Delivery.objects.unannounced(each.column).aggregate(**_counted(each))
        for each in due.DELIVERIES
    }
    yield PENDING.of({topic: each["number"] for topic, each in waiting.items()})
    yield PENDING_AGE.of(
        {
            topic: max((now - each["oldest"]).total_seconds(), 0) if each["oldest"] else 0
            for topic, each in waiting.items()
        }
    )
    given_up: dict[tuple[str, ...], float] = {
        (each.queue,): Delivery.objects.given_up(each.column).count() for each in due.DELIVERIES
    }
    yield DEAD.of({(due.ORDERS.queue,): orders_in_attention} | given_up)


def _counted(outbox: due.Due[Any]) -> dict[str, Count | Min]:
    return {"number": Count("pk"), "oldest": Min(outbox.column)}
