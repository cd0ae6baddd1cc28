"""Whether the schema is behind the code, for the processes that answer for a service's data."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from prometheus_client.core import GaugeMetricFamily

from chassis.health import pending_migrations
from chassis.metrics.figures import Figure, Figures

UNAPPLIED = Figure(
    "django_migrations_unapplied_total", "Migrations that were not applied.", ("connection",)
)
SECONDS = 60.0  # it reads every migration file


def migration_figures() -> Figures:
    return Figures(_read, seconds=SECONDS)


def _read() -> Iterable[GaugeMetricFamily]:
    yield UNAPPLIED.of({(connection.alias,): len(pending_migrations())})
