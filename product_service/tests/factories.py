"""The smallest valid rows. Names count up, so that every call makes something new."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image as Pillow

from product_service.catalogue.models import (
    Attribute,
    AttributeValue,
    Category,
    Image,
    ImageBlob,
    Price,
    Product,
    Variant,
)
from product_service.inventory import actions
from product_service.inventory.models import Reason, StockItem

_number = count(1)


def make_category(slug: str = "", *, parent: Category | None = None, name: str = "") -> Category:
    slug = slug or f"category-{next(_number)}"
    return Category.objects.create(slug=slug, name=name or slug.title(), parent=parent)


def make_product(
    name: str = "",
    *,
    category: Category | None = None,
    price: str = "19.90",
    stock: int = 10,
    sku: str = "",
    **fields: Any,
) -> Product:
    """A published product with one variant."""
    number = next(_number)
    defaults = {
        "slug": f"product-{number}",
        "name": name or f"Product {number}",
        "brand": "Auralis",
        "category": category or make_category(),
        "is_published": True,
        "published_at": timezone.now(),
    }
    product = Product.objects.create(**(defaults | fields))
    make_variant(product, sku or f"SKU-{number:05}", price=price, stock=stock)
    return product


def make_variant(
    product: Product,
    sku: str,
    *,
    price: str = "19.90",
    prior: str | None = None,
    stock: int = 10,
    options: Mapping[str, str] | None = None,
    is_active: bool = True,
) -> Variant:
    variant = Variant.objects.create(
        product=product,
        sku=sku,
        options=dict(options or {}),
        position=product.variants.count(),
        is_active=is_active,
    )
    Price.objects.create(
        variant=variant, amount=Decimal(price), prior_amount=prior and Decimal(prior)
    )
    if stock:
        receive(variant, stock)
    return variant


def receive(variant: Variant, pieces: int) -> StockItem:
    return actions.adjust(
        variant_id=variant.pk,
        change=pieces,
        reason=Reason.RECEIVED,
        actor="staff:test",
    )


def make_stock(sku: str, pieces: int) -> StockItem:
    """The stock item of a new product's only variant."""
    make_product(sku=sku, stock=pieces)
    item, _ = StockItem.objects.get_or_create(variant=Variant.objects.get(sku=sku))
    return item


def make_value(product: Product, code: str, value: object, **attribute: Any) -> AttributeValue:
    """A typed value: text for str, boolean for bool, number for the rest."""
    column = "number"
    if isinstance(value, str):
        column = "text"
    elif isinstance(value, bool):
        column = "boolean"
    defaults = {"name": code.title(), "kind": column, **attribute}
    row, _ = Attribute.objects.get_or_create(code=code, defaults=defaults)
    return AttributeValue.objects.create(product=product, attribute=row, **{column: value})


def picture_bytes(
    colour: str = "red", size: tuple[int, int] = (40, 30), kind: str = "WEBP"
) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def make_image(product: Product, *, colour: str = "red", variant: Variant | None = None) -> Image:
    data = picture_bytes(colour)
    sha256 = hashlib.sha256(data).hexdigest()
    ImageBlob.objects.get_or_create(sha256=sha256, defaults={"bytes": data})
    return Image.objects.create(
        product=product,
        variant=variant,
        file=f"{sha256}.webp",
        alt=f"{product.name} in {colour}",
        width=40,
        height=30,
        position=product.images.count(),
    )
