"""The form of a product as a browser sends it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from product_service.catalogue.models import (
    Product,
    Variant,
)
from product_service.tests.factories import (
    make_category,
)

PREFIXES = {"variants": 0, "images": 0, "values": 0}


def form(product: Product | None = None, **changes: Any) -> dict[str, Any]:
    """What the browser would send for the product's page, with `changes`."""
    data: dict[str, Any] = {
        "name": product.name if product else "New one",
        "slug": product.slug if product else "new-one",
        "brand": "Auralis",
        "category": product.category_id if product else make_category().pk,
        "description": "",
        "keywords": "",
        "tax_class": product.tax_class if product else "standard",
    }
    for prefix in PREFIXES:
        data[f"{prefix}-INITIAL_FORMS"] = 0
        data[f"{prefix}-TOTAL_FORMS"] = 0
    if product:
        data |= variant_rows(*product.variants.all())
        if product.is_published:
            data["is_published"] = "on"
    return data | changes


def variant_rows(*variants: Variant) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "variants-INITIAL_FORMS": len(variants),
        "variants-TOTAL_FORMS": len(variants),
    }
    for n, variant in enumerate(variants):
        price = variant.price
        rows |= {
            f"variants-{n}-id": variant.pk,
            f"variants-{n}-product": variant.product_id,
            f"variants-{n}-sku": variant.sku,
            f"variants-{n}-options": "",
            f"variants-{n}-amount": str(price.amount),
            f"variants-{n}-prior_amount": price.prior_amount or "",
            f"variants-{n}-position": n,
            f"variants-{n}-is_active": "on",
        }
    return rows


def new_variant(**changes: str) -> dict[str, Any]:
    row = {"sku": "NEW-1", "options": "", "amount": "19.90", "position": "0", "is_active": "on"}
    fields = {f"variants-0-{name}": value for name, value in (row | changes).items()}
    return {"variants-TOTAL_FORMS": 1, **fields}


def save(
    admin_client: Client, product: Product | None, data: dict[str, Any], *, follow: bool = False
) -> Any:
    where = f"{product.pk}/change" if product else "add"
    return admin_client.post(f"/admin/catalogue/product/{where}/", data, follow=follow)


def image_row(**fields: Any) -> dict[str, Any]:
    row = {"alt": "Front", "position": 0, **fields}
    return {"images-TOTAL_FORMS": 1, **{f"images-0-{name}": value for name, value in row.items()}}
