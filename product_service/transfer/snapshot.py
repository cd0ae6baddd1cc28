"""What the catalogue says now, in the texts of an export; files are compared with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from chassis.money import half_up
from product_service.catalogue.models import Price, Product, Variant
from product_service.inventory.models import StockItem
from product_service.transfer.columns import options_text


@dataclass(frozen=True)
class Known:
    """A variant as it is."""

    variant: Variant
    texts: Mapping[str, str]  # by column
    reserved: int  # of what is on hand


def variants() -> QuerySet[Variant]:
    return Variant.objects.select_related("product__category", "price", "stock_item")


def known_variants(skus: Collection[str]) -> dict[str, Known]:
    """By SKU, those that there are."""
    return {each.sku: known(each) for each in variants().filter(sku__in=skus)}


def known(variant: Variant) -> Known:
    item: StockItem | None = getattr(variant, "stock_item", None)
    texts = {
        "sku": variant.sku,
        **texts_of_product(variant.product),
        **_texts_of_variant(variant),
        "on_hand": str(item.on_hand if item else 0),
    }
    return Known(variant, texts, item.reserved if item else 0)


def texts_of_product(product: Product) -> dict[str, str]:
    return {
        "product": product.slug,
        "name": product.name.strip(),
        "brand": product.brand.strip(),
        "category": product.category.slug,
        "description": product.description.replace("\r\n", "\n").strip(),
        "keywords": product.keywords.strip(),
        "tax_class": product.tax_class,
        "published": _yes_no(product.is_published),
    }


def _texts_of_variant(variant: Variant) -> dict[str, str]:
    price: Price | None = getattr(variant, "price", None)
    prior = price.prior_amount if price else None
    return {
        "options": options_text(variant.options),
        "price": str(half_up(price.amount, settings.STORE_CURRENCY)) if price else "",
        "prior_price": "" if prior is None else str(half_up(prior, settings.STORE_CURRENCY)),
        "active": _yes_no(variant.is_active),
    }


def lock_products(skus: Collection[str], slugs: Collection[str]) -> dict[str, Product]:
    """The products of the variants, and those of the slugs, locked in one order until the
    transaction ends; by slug."""
    ids = Product.objects.filter(Q(variants__sku__in=skus) | Q(slug__in=slugs)).values("pk")
    products = Product.objects.filter(pk__in=ids).select_related("category").order_by("pk")
    locked = products.select_for_update(no_key=True, of=("self",))
    return {product.slug: product for product in locked}


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
