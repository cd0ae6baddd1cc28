"""SQL that several statements of the catalogue share. Aliases: p product, v variant, s stock_item.

A product is visible when it is published, not deleted, and a variant of it is sold at a price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from chassis.money import Money, WireMoney
from product_service.catalogue.availability import LEFT_SQL, LEVEL_SQL
from product_service.shapes import Image

VISIBLE_SQL = """p.is_published AND p.deleted_at IS NULL AND EXISTS (
    SELECT FROM variant JOIN price ON price.variant_id = variant.id
    WHERE variant.product_id = p.id AND variant.is_active)"""

# For each product the variant that a card offers: the cheapest that can be bought now, else the
# cheapest. Its form is a join over the whole set: a LATERAL subquery a product costs ten times as
# much on small tables, which PostgreSQL then reads in full for each.
OFFERS_SQL = f"""SELECT DISTINCT ON (v.product_id) v.product_id AS id, v.sku, price.amount,
        price.prior_amount, max({LEVEL_SQL}) OVER whole AS level,
        min(price.amount) OVER whole <> max(price.amount) OVER whole AS varies
    FROM variant v
    JOIN price ON price.variant_id = v.id
    LEFT JOIN stock_item s ON s.variant_id = v.id
    WHERE v.is_active AND {{scope}}
    WINDOW whole AS (PARTITION BY v.product_id)
    ORDER BY v.product_id, {LEFT_SQL} = 0, price.amount, v.position, v.id"""  # noqa: S608

# The value of an attribute as it is read: "16 GB", "Yes", "Matte".
VALUE_SQL = """CASE attribute.kind
    WHEN 'number' THEN concat_ws(' ', trim_scale(value.number)::text, nullif(attribute.unit, ''))
    WHEN 'boolean' THEN CASE WHEN value.boolean THEN 'Yes' ELSE 'No' END
    ELSE value.text END"""

# A picture of the table image with its smaller sizes; `image()` makes its wire form.
IMAGE_SQL = """json_build_array(image.file, image.alt, image.width, image.height, (
    SELECT json_agg(json_build_array(size.file, size.width) ORDER BY size.side)
    FROM rendition size WHERE size.source = image.file))"""

# What cards show of the products in a CTE `page (id)`. On a card a yes is the attribute's name,
# and a no is not worth its place.
CARD_CTES = f"""offers AS ({OFFERS_SQL.format(scope="v.product_id IN (SELECT id FROM page)")}),
pictures AS (
    SELECT DISTINCT ON (product_id) product_id AS id,
        {IMAGE_SQL} AS image
    FROM image WHERE product_id IN (SELECT id FROM page)
    ORDER BY product_id, position, image.id),
specs AS (
    SELECT id, json_agg(spec ORDER BY place) AS key_specs FROM (
        SELECT value.product_id AS id,
            CASE attribute.kind WHEN 'boolean' THEN attribute.name ELSE {VALUE_SQL} END AS spec,
            row_number() OVER (
                PARTITION BY value.product_id
                ORDER BY attribute.position, sort_key(attribute.name)) AS place
        FROM attribute_value value JOIN attribute ON attribute.id = value.attribute_id
        WHERE value.product_id IN (SELECT id FROM page) AND attribute.is_key_spec
            AND value.boolean IS DISTINCT FROM false) AS every
    WHERE place <= 3 GROUP BY id)"""  # noqa: S608
CARD_COLUMNS = """p.slug, p.name, p.brand, category.slug AS category_slug,
    category.name AS category_name, specs.key_specs, pictures.image, offers.amount,
    offers.prior_amount, offers.varies, offers.level, offers.sku"""
CARD_JOINS = """JOIN product p USING (id) JOIN offers USING (id)
    LEFT JOIN pictures USING (id) LEFT JOIN specs USING (id)
    JOIN category ON category.id = p.category_id"""


def money(amount: Decimal | str) -> WireMoney:
    """The wire form of a stored amount, in the store's currency.

    Stored are two decimals. Where the currency has none, the price that every answer tells is the
    stored one rounded half up; the back office refuses decimals when it is saved again.
    """
    return Money.of(amount, settings.STORE_CURRENCY).to_wire()


def prior(amount: Decimal | str | None) -> WireMoney | None:
    """As `money`; None where there is no amount."""
    return None if amount is None else money(amount)


def image(row: list[Any] | None) -> Image | None:
    """The wire form of IMAGE_SQL."""
    if row is None:
        return None
    file, alt, width, height, sizes = row
    return {
        "url": default_storage.url(file),
        "alt": alt,
        "width": width,
        "height": height,
        "sizes": [{"url": default_storage.url(name), "width": wide} for name, wide in sizes or []],
    }
