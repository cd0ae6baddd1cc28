"""SQL that several statements of the catalogue share. Aliases: p product, v variant, s stock_item.

A product is visible when it is published, not deleted, and a variant of it is sold at a price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from product_service.catalogue.availability import LEFT_SQL, LEVEL_SQL

VISIBLE_SQL = """p.is_published AND p.deleted_at IS NULL AND EXISTS (
    SELECT FROM variant JOIN price ON price.variant_id = variant.id
    WHERE variant.product_id = p.id AND variant.is_active)"""

# The variant that a card offers: the cheapest that can be bought now, else the cheapest.
OFFER_SQL = f"""LATERAL (
    SELECT v.sku, price.amount, price.prior_amount,
        min(price.amount) OVER () <> max(price.amount) OVER () AS varies,
        max({LEVEL_SQL}) OVER () AS level
    FROM variant v
    JOIN price ON price.variant_id = v.id
    LEFT JOIN stock_item s ON s.variant_id = v.id
    WHERE v.product_id = p.id AND v.is_active
    ORDER BY {LEFT_SQL} = 0, price.amount, v.position, v.id
    LIMIT 1) AS offer"""  # noqa: S608

FIRST_IMAGE_SQL = """LATERAL (
    SELECT json_build_array(file, alt, width, height) AS image FROM image
    WHERE image.product_id = p.id
    ORDER BY image.position, image.id LIMIT 1) AS picture"""

# The value of an attribute as it is read: "16 GB", "Yes", "Matte".
VALUE_SQL = """CASE attribute.kind
    WHEN 'number' THEN concat_ws(' ', trim_scale(value.number)::text, nullif(attribute.unit, ''))
    WHEN 'boolean' THEN CASE WHEN value.boolean THEN 'Yes' ELSE 'No' END
    ELSE value.text END"""

# On a card a yes is the attribute's name, and a no is not worth its place.
KEY_SPECS_SQL = f"""LATERAL (
    SELECT json_agg(spec ORDER BY position, name) AS key_specs FROM (
        SELECT attribute.position, attribute.name,
            CASE attribute.kind WHEN 'boolean' THEN attribute.name ELSE {VALUE_SQL} END AS spec
        FROM attribute_value value JOIN attribute ON attribute.id = value.attribute_id
        WHERE value.product_id = p.id AND attribute.is_key_spec
            AND value.boolean IS DISTINCT FROM false
        ORDER BY attribute.position, attribute.name LIMIT 3) AS first) AS specs"""  # noqa: S608


def money(amount: Decimal | str | None) -> dict[str, str] | None:
    """The wire form of an amount in the store's currency; both come with two decimals."""
    if amount is None:
        return None
    return {"amount": str(amount), "currency": settings.STORE_CURRENCY}


def image(row: list[Any] | None) -> dict[str, Any] | None:
    """The wire form of [file, alt, width, height]."""
    if row is None:
        return None
    file, alt, width, height = row
    return {"url": default_storage.url(file), "alt": alt, "width": width, "height": height}
