"""`manage.py product_service sweep`: free the stock of reservations whose time is over.

On the way drafts are published whose time has come, jobs announced to the workers, and staff
sessions deleted that are over.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chassis.loop import advisory_lock, run_loop
from chassis.worker.queues import queue_figures
from chassis.worker.settings import PUBLISHER_TRANSPORT_OPTIONS
from product_service.catalogue.schedule import publish_due
from product_service.celery import app
from product_service.inventory.actions import SWEEP_LIMIT, expire_overdue
from product_service.inventory.metrics import stock_figures
from product_service.jobs.metrics import job_figures
from product_service.jobs.tasks import QUEUE, announce_due
from product_service.retention import RETENTION

LOCK = "product_service.sweep"


class Command(BaseCommand):
    help = "Free the stock of overdue reservations and announce jobs, until stopped."
    requires_system_checks = []  # they import every view, which this process never serves

    def handle(self, *args: Any, **options: Any) -> None:
        app.conf.broker_transport_options = {
            **app.conf.broker_transport_options,
            **PUBLISHER_TRANSPORT_OPTIONS,
        }
        run_loop(
            "sweep",
            turn,
            interval_seconds=settings.SWEEP_INTERVAL_SECONDS,
            figures=(
                *(*stock_figures(), job_figures(), queue_figures([QUEUE])),
                RETENTION.figures(),
            ),
        )


def turn() -> bool:
    """Expire one batch; True if there may be more. Of several sweeps one works, the others wait."""
    with advisory_lock(LOCK) as held:
        if not held:
            return False
        announce_due()
        is_full = expire_overdue() == SWEEP_LIMIT
        publish_due()
        return RETENTION.sweep() or is_full
