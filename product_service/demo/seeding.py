"""Brings the demo shop into the database, in few statements and without doubles.

Rows are written in bulk; products that are there already, by their slug, are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from product_service.inventory.models import Reason, StockItem, StockMovement

ACTOR = "service:demo"
AT_ONCE = 500  # products in one transaction
ProductRow = tuple[DemoProduct, Product]
VariantRow = tuple[DemoVariant, Variant]


def count_seeded() -> int:
    """How many products of the demo shop are there."""
    skus = Variant.objects.filter(sku__startswith=SKU_PREFIX)
    return skus.values("product_id").distinct().count()


def seed(count: int) -> int:
    """Bring in the first `count` products; returns how many were missing."""
    with transaction.atomic():
        categories = _categories()
        attributes = _attributes()
        _store_pictures()
    added = 0
    source = products(count)
    while batch := list(islice(source, AT_ONCE)):
        with transaction.atomic():
            added += _add(batch, categories, attributes)
    bump_version()
    return added


def _categories() -> dict[str, Category]:
    """By their slugs. A parent comes before its children."""
    made: dict[str, Category] = {}
    for position, node in enumerate(CATEGORIES):
        fields = {**vars(node), "parent": made.get(node.parent), "position": position}
        made[node.slug], _ = Category.objects.get_or_create(slug=node.slug, defaults=fields)
    return made


def _attributes() -> dict[str, Attribute]:
    """By their codes; the options come with them."""
    Attribute.objects.bulk_create(
        [Attribute(**vars(fact), position=n) for n, fact in enumerate(ATTRIBUTES)],
        ignore_conflicts=True,
    )
    Option.objects.bulk_create(
        [Option(code=code, name=name, position=n) for n, (code, name) in enumerate(OPTIONS)],
        ignore_conflicts=True,
    )
    return Attribute.objects.in_bulk([fact.code for fact in ATTRIBUTES], field_name="code")


def _store_pictures() -> None:
    """As they are, under their content hash: nothing is rendered here."""
    ImageBlob.objects.bulk_create(
        [ImageBlob(sha256=it.sha256, bytes=it.read()) for it in manifest().values()],
        ignore_conflicts=True,
        batch_size=50,
    )


def _add(
    batch: Sequence[DemoProduct],
    categories: Mapping[str, Category],
    attributes: Mapping[str, Attribute],
) -> int:
    slugs = [demo.slug for demo in batch]
    there = set(Product.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    today = timezone.now().replace(hour=6, minute=0, second=0, microsecond=0)
    added = [
        (demo, _product(demo, categories[demo.category], today))
        for demo in batch
        if demo.slug not in there
    ]
    Product.objects.bulk_create([row for _, row in added])
    variants = [
        (it, Variant(product=row, sku=it.sku, options=dict(it.options), position=place))
        for demo, row in added
        for place, it in enumerate(demo.variants)
    ]
    Variant.objects.bulk_create([row for _, row in variants])
    Price.objects.bulk_create([_price(it, row) for it, row in variants])
    _add_values(added, attributes)
    _add_images(added, variants)
    _add_stock(variants)
    return len(added)


def _product(demo: DemoProduct, category: Category, today: datetime) -> Product:
    since = today - timedelta(days=demo.age_days)
    return Product(
        slug=demo.slug,
        name=demo.name,
        brand=demo.brand,
        description=demo.description,
        keywords=demo.keywords,
        category=category,
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


def _add_values(added: Sequence[ProductRow], attributes: Mapping[str, Attribute]) -> None:
    values = [
        AttributeValue(product=row, attribute=attributes[code], **{attributes[code].kind: fact})
        for demo, row in added
        for code, fact in demo.specs.items()
    ]
    AttributeValue.objects.bulk_create(values, batch_size=2_000)


def _add_images(added: Sequence[ProductRow], variants: Sequence[VariantRow]) -> None:
    """One for each variant, so that a basket shows the right colour; then the further views."""
    images = [_image(it.picture, row.product, row, row.position) for it, row in variants]
    images += [
        _image(name, row, None, 100 + place)
        for demo, row in added
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


def _add_stock(variants: Sequence[VariantRow]) -> None:
    """What is there was received once: the item is at the version of that movement."""
    StockItem.objects.bulk_create(
        StockItem(variant=row, on_hand=it.stock, version=min(it.stock, 1)) for it, row in variants
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            reference=f"demo:{it.sku}",
            stock_item_id=row.pk,
            version=1,
            d_on_hand=it.stock,
            d_reserved=0,
            reason=Reason.RECEIVED,
            actor=ACTOR,
            at=row.product.created_at,
        )
        for it, row in variants
        if it.stock
    )
