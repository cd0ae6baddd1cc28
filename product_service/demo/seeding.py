"""Brings the demo shop into the database, in few statements and without doubles.

Rows are written in bulk; products that are there already, by their slug, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chassis.money import half_up
from product_service.catalogue.cache import bump_version
from product_service.catalogue.models import (
    Attribute,
    AttributeValue,
    Category,
    Image,
    ImageBlob,
    Option,
    Price,
    Product,
    Variant,
)
from product_service.demo.generator import SKU_PREFIX, products
from product_service.demo.pictures import manifest
from product_service.demo.shop import DemoProduct, DemoVariant
from product_service.demo.tables import ATTRIBUTES, CATEGORIES, OPTIONS
from product_service.inventory.models import StockItem, StockMovement

ACTOR = "service:demo"
AT_ONCE = 500  # products in one transaction


@dataclass(frozen=True)
class Shelves:
    """The rows that all products share, by slug or code."""

    categories: Mapping[str, Category]
    attributes: Mapping[str, Attribute]


def count_seeded() -> int:
    """How many products of the demo shop are there."""
    skus = Variant.objects.filter(sku__startswith=SKU_PREFIX)
    return skus.values("product_id").distinct().count()


def seed(count: int) -> int:
    """Bring in the first `count` products; returns how many were missing."""
    with transaction.atomic():
        shelves = _shelves()
        _store_pictures()
    added = 0
    for batch in _batches(products(count), AT_ONCE):
        with transaction.atomic():
            added += _add(batch, shelves)
    bump_version()
    return added


def _shelves() -> Shelves:
    categories: dict[str, Category] = {}
    for position, node in enumerate(CATEGORIES):
        categories[node.slug], _ = Category.objects.get_or_create(
            slug=node.slug,
            defaults={
                "name": node.name,
                "parent": categories.get(node.parent),
                "description": node.description,
                "position": position,
            },
        )
    Attribute.objects.bulk_create(
        [
            Attribute(
                code=fact.code,
                name=fact.name,
                kind=fact.kind,
                unit=fact.unit,
                is_key_spec=fact.is_key_spec,
                position=position,
            )
            for position, fact in enumerate(ATTRIBUTES)
        ],
        ignore_conflicts=True,
    )
    Option.objects.bulk_create(
        [Option(code=code, name=name, position=n) for n, (code, name) in enumerate(OPTIONS)],
        ignore_conflicts=True,
    )
    codes = [fact.code for fact in ATTRIBUTES]
    attributes = {row.code: row for row in Attribute.objects.filter(code__in=codes)}
    return Shelves(categories, attributes)


def _store_pictures() -> None:
    """As they are, under their content hash: nothing is rendered here."""
    ImageBlob.objects.bulk_create(
        [ImageBlob(sha256=it.sha256, bytes=it.read()) for it in manifest().values()],
        ignore_conflicts=True,
        batch_size=50,
    )


def _add(batch: Sequence[DemoProduct], shelves: Shelves) -> int:
    slugs = [demo.slug for demo in batch]
    there = set(Product.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    missing = [demo for demo in batch if demo.slug not in there]
    today = timezone.now().replace(hour=6, minute=0, second=0, microsecond=0)
    rows = Product.objects.bulk_create([_product(demo, shelves, today) for demo in missing])
    offers = [
        (demo, row, variant, place)
        for demo, row in zip(missing, rows, strict=True)
        for place, variant in enumerate(demo.variants)
    ]
    variants = Variant.objects.bulk_create(
        [
            Variant(product=row, sku=variant.sku, options=dict(variant.options), position=place)
            for _, row, variant, place in offers
        ]
    )
    pairs = [(offer[2], row) for offer, row in zip(offers, variants, strict=True)]
    Price.objects.bulk_create([_price(it, row) for it, row in pairs])
    _add_values(missing, rows, shelves)
    _add_images(missing, rows, pairs)
    _add_stock(pairs, {row.pk: row.created_at for row in rows})
    return len(missing)


def _product(demo: DemoProduct, shelves: Shelves, today: datetime) -> Product:
    since = today - timedelta(days=demo.age_days)
    return Product(
        slug=demo.slug,
        name=demo.name,
        brand=demo.brand,
        description=demo.description,
        keywords=demo.keywords,
        category=shelves.categories[demo.category],
        is_published=demo.is_published,
        published_at=since if demo.is_published else None,
        created_at=since,
    )


def _price(demo: DemoVariant, variant: Variant) -> Price:
    """The same figures in any currency, rounded to its decimals."""
    currency, prior = settings.STORE_CURRENCY, demo.prior_price
    return Price(
        variant=variant,
        amount=half_up(demo.price, currency),
        prior_amount=None if prior is None else half_up(prior, currency),
    )


def _add_values(demos: Sequence[DemoProduct], rows: Sequence[Product], shelves: Shelves) -> None:
    values = [
        AttributeValue(
            product=row,
            attribute=shelves.attributes[code],
            **{shelves.attributes[code].kind: fact},
        )
        for demo, row in zip(demos, rows, strict=True)
        for code, fact in demo.specs.items()
    ]
    AttributeValue.objects.bulk_create(values, batch_size=2_000)


def _add_images(
    demos: Sequence[DemoProduct],
    rows: Sequence[Product],
    pairs: Sequence[tuple[DemoVariant, Variant]],
) -> None:
    """One for each variant, so that a basket shows the right colour; then the further views."""
    images = [_image(it.picture, row.product, row, row.position) for it, row in pairs]
    images += [
        _image(name, row, None, 100 + place)
        for demo, row in zip(demos, rows, strict=True)
        for place, name in enumerate(demo.pictures)
    ]
    Image.objects.bulk_create(images, batch_size=2_000)


def _image(name: str, product: Product, variant: Variant | None, position: int) -> Image:
    picture = manifest()[name]
    return Image(
        product=product,
        variant=variant,
        file=f"{picture.sha256}.webp",
        alt=f"{product.name}: {picture.alt}"[:200] if len(product.name) < 100 else picture.alt,
        width=picture.width,
        height=picture.height,
        position=position,
    )


def _add_stock(pairs: Sequence[tuple[DemoVariant, Variant]], since: Mapping[int, datetime]) -> None:
    """What is there was received once: the item is at the version of that movement."""
    StockItem.objects.bulk_create(
        [StockItem(variant=row, on_hand=it.stock, version=min(it.stock, 1)) for it, row in pairs]
    )
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                reference=f"demo:{it.sku}",
                stock_item_id=row.pk,
                version=1,
                d_on_hand=it.stock,
                d_reserved=0,
                reason=StockMovement.Reason.RECEIVED,
                actor=ACTOR,
                at=since[row.product_id],
            )
            for it, row in pairs
            if it.stock
        ]
    )


def _batches(items: Iterable[DemoProduct], size: int) -> Iterator[list[DemoProduct]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
