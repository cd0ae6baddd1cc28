"""`manage.py product_service seed_demo`: fill the shop with something to look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from product_service.demo.generator import SHOP_SIZE
from product_service.demo.seeding import count_seeded, seed


class Command(BaseCommand):
    help = "Brings the demo shop in; does nothing if it is there. remove_demo takes it out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--products",
            type=int,
            default=SHOP_SIZE,
            metavar="N",
            help=f"how many products (default: {SHOP_SIZE}, the shop as it is meant to be seen)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted: int = options["products"]
        if wanted < 1:
            raise CommandError("--products needs a number from 1 up.")
        if (there := count_seeded()) >= wanted:
            self.stdout.write(f"The demo shop is there already: {there} products.")
            return
        self.stdout.write(f"Added {seed(wanted)} products of the demo shop.")
