"""`manage.py storefront sweep`: delete personal data whose time is over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chassis.loop import run_loop
from storefront.retention import RETENTION


class Command(BaseCommand):
    help = "Delete sessions, carts and checkout attempts whose time is over, until stopped."
    requires_system_checks = []  # they import every view, which this process never serves

    def handle(self, *args: Any, **options: Any) -> None:
        run_loop(
            "sweep",
            RETENTION.sweep,
            interval_seconds=settings.RETENTION_INTERVAL_SECONDS,
            figures=[RETENTION.figures()],
        )
