"""`manage.py product_service make_picture_sizes`: the smaller sizes that stored pictures lack.

Uploads get theirs at once; pictures of an older version, and of imports, get them here. Until then
pages show the picture itself. Each picture is a transaction of its own: stop the command whenever
you like, and what is there is not made again.
"""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from product_service.catalogue import actions
from product_service.catalogue.models import Image
from product_service.catalogue.pictures import SIDES, PictureRefused, shrunk
from product_service.catalogue.renditions import Rendition

REPORTED_EVERY = 50  # pictures


class Command(BaseCommand):
    help = "Makes the smaller sizes that stored pictures lack. May be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        made, failed = 0, []
        lacking = _lacking()
        for number, (source, sides) in enumerate(lacking.items(), start=1):
            try:
                made += _make(source, sides)
            except (PictureRefused, FileNotFoundError) as reason:
                failed.append(f"{source}: {reason}")
            if number % REPORTED_EVERY == 0:
                self.stdout.write(f"{number} of {len(lacking)} pictures done.")
        self.stdout.write(f"Made {made} sizes of {len(lacking) - len(failed)} pictures.")
        if failed:
            raise CommandError("These pictures stay as they are:\n" + "\n".join(failed))


def _lacking() -> dict[str, list[int]]:
    """The sizes that each picture lacks, the largest first; complete pictures are left out."""
    there = set(Rendition.objects.values_list("source", "side"))
    pictures = Image.objects.values_list("file", "width", "height").order_by("file").distinct()
    lacking = {
        source: [
            side for side in SIDES if side < max(width, height) and (source, side) not in there
        ]
        for source, width, height in pictures
    }
    return {source: sides for source, sides in lacking.items() if sides}


def _make(source: str, sides: list[int]) -> int:
    with default_storage.open(source) as file:
        pictures = shrunk(file.read(), sides)
    actions.add_sizes(source=source, pictures=pictures)
    return len(pictures)
