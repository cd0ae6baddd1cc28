"""`manage.py product_service check_stock`: does every stock row follow from its movements?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from product_service.inventory.models import StockItem


class Command(BaseCommand):
    help = "Compare stock rows with their movements and with held reservations; fail on drift."

    def handle(self, *args: Any, **options: Any) -> None:
        items = StockItem.objects.select_related("variant")
        findings = (
            (items.drifted(), "the movements say otherwise"),
            (items.wrongly_reserved(), "held reservations hold another number"),
        )
        wrong = [
            f"{item.variant.sku}: on hand {item.on_hand}, reserved {item.reserved}; {why}"
            for found, why in findings
            for item in found
        ]
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{StockItem.objects.count()} stock items agree with their movements.")
