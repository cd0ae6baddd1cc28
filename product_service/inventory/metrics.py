"""Metrics of the stock, exported by the sweep: reservations, and items unlike their movements."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from chassis.metrics.figures import Figure, Figures
from product_service.inventory.models import Reservation, StockItem

SECONDS = 5.0
COMPARED_EVERY_SECONDS = 60.0  # it reads every movement there ever was

ACTIVE = Figure("techcommerce_reservations_active", "Reservations that hold stock.")
OLDEST_AGE = Figure(
    "techcommerce_reservation_oldest_age_seconds",
    "Since when the oldest of them holds it; 0 when there is none.",
)
VIOLATIONS = Figure(
    "techcommerce_invariant_violations", "Stock items that the books contradict.", ("check",)
)
COMPARED = Figure(
    "techcommerce_invariant_last_run_timestamp_seconds", "When the books were last compared."
)


def stock_figures() -> tuple[Figures, Figures]:
    return Figures(_reservations, seconds=SECONDS), Figures(_books, seconds=COMPARED_EVERY_SECONDS)


def _reservations() -> Iterable[GaugeMetricFamily]:
    held = Reservation.objects.held().aggregate(count=Count("pk"), oldest=Min("updated_at"))
    yield ACTIVE.of({(): held["count"]})
    now = timezone.now()
    yield OLDEST_AGE.of({(): max((now - (held["oldest"] or now)).total_seconds(), 0)})


def _books() -> Iterable[GaugeMetricFamily]:
    items = StockItem.objects
    wrong = {item.pk for query in (items.drifted(), items.wrongly_reserved()) for item in query}
    yield VIOLATIONS.of({("stock",): len(wrong)})
    yield COMPARED.of({(): time.time()})
