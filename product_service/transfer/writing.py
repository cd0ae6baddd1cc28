"""Write values of an import to the catalogue: those of products, of variants, and of prices.

The caller has locked the products, says what changes by the columns of `transfer.columns`, and
makes finished answers unreachable afterwards. Publishing and stock are actions of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from product_service.catalogue.models import Category, Price, Product, Variant
from product_service.transfer.columns import options_of

Values = Mapping[str, str]
PLAIN = ("name", "brand", "description", "keywords", "tax_class")
PRICES = {"price": "amount", "prior_price": "prior_amount"}


def make_products(
    wanted: Mapping[str, Values], categories: Mapping[str, Category]
) -> dict[str, Product]:
    """Unpublished products by slug, each with what is wanted of it."""
    made = []
    for slug, values in wanted.items():
        product = Product(slug=slug)
        _set(product, values, categories)
        made.append(product)
    Product.objects.bulk_create(made)
    return {product.slug: product for product in made}


def change_products(wanted: Mapping[Product, Values], categories: Mapping[str, Category]) -> None:
    for product, values in wanted.items():
        _set(product, values, categories)
        product.updated_at = timezone.now()
    fields = {name for values in wanted.values() for name in values}
    Product.objects.bulk_update(wanted, [*fields, "updated_at"])


def _set(product: Product, values: Values, categories: Mapping[str, Category]) -> None:
    for name in PLAIN:
        if name in values:
            setattr(product, name, values[name])
    if "category" in values:
        product.category = categories[values["category"]]


def make_variants(wanted: Mapping[str, tuple[Product, Values]]) -> dict[str, Variant]:
    """By SKU, each behind those that its product has."""
    products = {product.pk for product, _ in wanted.values()}
    places = dict(
        Variant.objects.filter(product__in=products)
        .values_list("product")
        .annotate(last=Max("position"))
        .order_by()
    )
    made = []
    for sku, (product, values) in wanted.items():
        places[product.pk] = places.get(product.pk, -1) + 1
        variant = Variant(product=product, sku=sku, position=places[product.pk])
        _set_variant(variant, values)
        made.append(variant)
    Variant.objects.bulk_create(made)
    return {variant.sku: variant for variant in made}


def change_variants(wanted: Mapping[Variant, Values]) -> None:
    for variant, values in wanted.items():
        _set_variant(variant, values)
    Variant.objects.bulk_update(wanted, ["options", "is_active"])


def _set_variant(variant: Variant, values: Values) -> None:
    if "options" in values:
        variant.options = options_of(values["options"])
    if "active" in values:
        variant.is_active = values["active"] == "yes"


def change_prices(wanted: Mapping[Variant, Values]) -> None:
    """A variant without a price gets one; an empty text of `price` takes it away."""
    there, kept = Price.objects.in_bulk([variant.pk for variant in wanted]), []
    for variant, values in wanted.items():
        price = there.get(variant.pk) or Price(variant=variant)
        for name, field in PRICES.items():
            if name in values:
                setattr(price, field, Decimal(values[name]) if values[name] else None)
        price.changed_at = timezone.now()
        kept.append(price)
    gone = [price.variant_id for price in kept if price.amount is None]
    if gone:
        Price.objects.filter(variant__in=gone).delete()
    Price.objects.bulk_create(
        [price for price in kept if price.amount is not None],
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=[*PRICES.values(), "changed_at"],
    )


def categories_by_slug() -> dict[str, Category]:
    return {category.slug: category for category in Category.objects.all()}
