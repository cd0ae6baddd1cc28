"""A product like another one, to be changed where it differs."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.text import slugify

from product_service.catalogue.former_slugs import FormerSlug
from product_service.catalogue.models import Price, Product, Variant
from product_service.catalogue.options import SKU_MAX

SLUG_MAX = 160
NAME_MAX = 200


@transaction.atomic
def duplicate(*, product: Product) -> Product:
    """A draft with all that `product` has but its stock, its GTINs and its former addresses."""
    name = f"{product.name} (copy)"[-NAME_MAX:]
    made: Product = _copy(
        product, name=name, slug=free_slug(name), is_published=False, published_at=None
    )
    variants = {}
    for variant in product.variants.select_related("price").order_by("position", "id"):
        variants[variant.pk] = _copy(variant, product=made, sku=_free_sku(variant), gtin="")
        price: Price | None = getattr(variant, "price", None)
        if price is not None:
            Price.objects.create(
                variant=variants[variant.pk], amount=price.amount, prior_amount=price.prior_amount
            )
    for image in product.images.all():
        _copy(image, product=made, variant=variants.get(image.variant_id or 0))
    for value in product.values.all():
        _copy(value, product=made)
    return made


def free_slug(name: str, *, own: int = 0) -> str:
    """An address made of the name that no product has or had, but the one with the id `own`."""
    base = slugify(name)[: SLUG_MAX - 5].strip("-") or "product"
    now = Product.objects.filter(slug__startswith=base).exclude(pk=own)
    before = FormerSlug.objects.filter(slug__startswith=base).exclude(product_id=own)
    taken = {*now.values_list("slug", flat=True), *before.values_list("slug", flat=True)}
    return next(slug for n in count(1) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def _free_sku(variant: Variant) -> str:
    base = variant.sku[: SKU_MAX - 9]
    taken = set(Variant.objects.filter(sku__startswith=base).values_list("sku", flat=True))
    ends = (f"{base}-COPY" if n == 1 else f"{base}-COPY{n}" for n in count(1))
    return next(sku for sku in ends if sku not in taken)


def _copy(row: Any, **changes: Any) -> Any:
    """A new row with the values of `row`; what the database makes by itself is made anew."""
    made: Model = type(row)(
        **{
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if not (field.primary_key or field.generated or field.name in NOT_COPIED)
        }
    )
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


NOT_COPIED = {"created_at", "updated_at", "deleted_at", "publish_at", "name_key"}
