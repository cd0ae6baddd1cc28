"""Metrics of the jobs, exported by the sweep: how many are open, since when, how many failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from chassis.metrics.figures import Figure, Figures
from product_service.jobs.models import OPEN, Job, State

SECONDS = 5.0
FAILED_WITHIN = timedelta(hours=1)

JOBS = Figure(
    "techcommerce_jobs",
    "Jobs of the back office: open ones, and those that failed within the last hour.",
    ("state",),
)
OLDEST_AGE = Figure(
    "techcommerce_job_oldest_age_seconds",
    "Since when the oldest open job was asked for; 0 when none is open.",
)


def job_figures() -> Figures:
    return Figures(_read, seconds=SECONDS)


def _read() -> Iterable[GaugeMetricFamily]:
    now = timezone.now()
    failed = Q(state=State.FAILED, ended_at__gte=now - FAILED_WITHIN)
    counted = Job.objects.filter(Q(state__in=OPEN) | failed).values("state")
    found = {row["state"]: row["jobs"] for row in counted.annotate(jobs=Count("pk")).order_by()}
    yield JOBS.of({(state,): found.get(state, 0) for state in (*OPEN, State.FAILED)})
    waiting = Job.objects.filter(state__in=OPEN).aggregate(since=Min("asked_at"))["since"]
    yield OLDEST_AGE.of({(): max((now - (waiting or now)).total_seconds(), 0)})
