"""Takes the demo shop out of the database again, and nothing that is not its own.

Its variants are known by their SKU prefix. A product goes when no other variant hangs in it; a
category, attribute or option goes when it is as the demo shop made it and nothing uses it.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import QuerySet

from product_service.catalogue.cache import bump_version
from product_service.catalogue.models import (
    Attribute,
    Category,
    Image,
    ImageBlob,
    Option,
    Product,
    Variant,
)
from product_service.demo.generator import SKU_PREFIX
from product_service.demo.pictures import manifest
from product_service.demo.tables import ATTRIBUTES, CATEGORIES, OPTIONS
from product_service.inventory.models import Reservation, ReservationLine, StockItem, StockMovement


def remove() -> int:
    """Remove all of the demo shop; returns how many products went."""
    with transaction.atomic():
        variants = Variant.objects.filter(sku__startswith=SKU_PREFIX)
        product_ids = set(variants.values_list("product_id", flat=True))
        _remove_stock(variants)
        Image.objects.filter(variant__in=variants).delete()
        variants.delete()
        gone = Product.objects.filter(pk__in=product_ids, variants__isnull=True)
        count = gone.count()
        gone.delete()
        _remove_shelves()
        _remove_pictures()
    bump_version()
    return count


def _remove_stock(variants: QuerySet[Variant]) -> None:
    """Movements may only be deleted by a transaction that says so; see the inventory's trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL shop.erase_movements = 'on'")
    lines = ReservationLine.objects.filter(variant__in=variants)
    reservation_ids = list(lines.values_list("reservation_id", flat=True).distinct())
    lines.delete()
    Reservation.objects.filter(pk__in=reservation_ids, lines__isnull=True).delete()
    StockMovement.objects.filter(stock_item__variant__in=variants).delete()
    StockItem.objects.filter(variant__in=variants).delete()


def _remove_shelves() -> None:
    for node in reversed(CATEGORIES):
        Category.objects.filter(
            slug=node.slug,
            name=node.name,
            description=node.description,
            products__isnull=True,
            children__isnull=True,
        ).delete()
    for fact in ATTRIBUTES:
        Attribute.objects.filter(
            code=fact.code, name=fact.name, kind=fact.kind, unit=fact.unit, values__isnull=True
        ).delete()
    for code, name in OPTIONS:
        if not Variant.objects.filter(options__has_key=code).exists():
            Option.objects.filter(code=code, name=name).delete()


def _remove_pictures() -> None:
    files = {f"{picture.sha256}.webp" for picture in manifest().values()}
    unused = files.difference(Image.objects.filter(file__in=files).values_list("file", flat=True))
    ImageBlob.objects.filter(pk__in=[file.removesuffix(".webp") for file in unused]).delete()
