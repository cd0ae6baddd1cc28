"""`manage.py product_service remove_demo`: take the demo shop out, keep everything else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from product_service.demo.removal import remove


class Command(BaseCommand):
    help = "Removes the products, stock and pictures of the demo shop; own data stays."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Removed {remove()} products of the demo shop.")
