"""The page of one product: everything about it in one statement, related products in another."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

from chassis.errors import NotFound
from product_service.catalogue.availability import LEFT_SQL, LEVEL_SQL, SHOWN_AT_MOST
from product_service.catalogue.contents import unit_price
from product_service.catalogue.former_slugs import FormerSlug
from product_service.catalogue.fragments import (
    CARD_COLUMNS,
    CARD_CTES,
    CARD_JOINS,
    IMAGE_SQL,
    OFFERS_SQL,
    VALUE_SQL,
    VISIBLE_SQL,
    image,
    money,
    prior,
)
from product_service.catalogue.listing import card
from product_service.catalogue.price_changes import LOWEST_SQL
from product_service.catalogue.rich_text import plain, rendered
from product_service.shapes import AVAILABILITY, Card, Image, OptionOut, ProductDetail, VariantOut

RELATED = 4

BREADCRUMB_SQL = """(
    WITH RECURSIVE way AS (
        SELECT id, parent_id, slug, name, is_hidden, 1 AS distance FROM category
        WHERE id = p.category_id
        UNION ALL
        SELECT up.id, up.parent_id, up.slug, up.name, up.is_hidden, distance + 1
        FROM category up JOIN way ON up.id = way.parent_id) CYCLE id SET is_seen USING ids
    SELECT json_agg(json_build_object('slug', slug, 'name', name) ORDER BY distance DESC)
    FROM way WHERE NOT is_hidden)"""

ATTRIBUTES_SQL = f"""(
    SELECT json_agg(json_build_object(
        'code', attribute.code, 'name', attribute.name, 'value', {VALUE_SQL})
        ORDER BY attribute.position, sort_key(attribute.name))
    FROM attribute_value value JOIN attribute ON attribute.id = value.attribute_id
    WHERE value.product_id = p.id)"""  # noqa: S608

IMAGES_SQL = f"""(
    SELECT json_agg(json_build_array(variant_id, {IMAGE_SQL}, option_code, option_value)
        ORDER BY position, id)
    FROM image WHERE product_id = p.id)"""  # noqa: S608

VARIANTS_SQL = f"""(
    SELECT json_agg(json_build_array(v.id, v.sku, v.options, price.amount::text,
        price.prior_amount::text, ({LOWEST_SQL})::text, v.content, {LEVEL_SQL}, {LEFT_SQL})
        ORDER BY v.position, v.id)
    FROM variant v JOIN price ON price.variant_id = v.id
    LEFT JOIN stock_item s ON s.variant_id = v.id
    WHERE v.product_id = p.id AND v.is_active)"""  # noqa: S608

OPTIONS_SQL = """(
    SELECT json_agg(json_build_array(code, name) ORDER BY position, sort_key(name)) FROM option
    WHERE code IN (SELECT jsonb_object_keys(options) FROM variant WHERE product_id = p.id))"""

DETAIL_SQL = f"""
WITH page AS (SELECT id FROM product p WHERE {{which}}),
offers AS ({OFFERS_SQL.format(scope="v.product_id IN (SELECT id FROM page)")})
SELECT p.id, p.category_id, p.slug, p.name, p.brand, p.description, category.slug, category.name,
    {BREADCRUMB_SQL}, {ATTRIBUTES_SQL}, {IMAGES_SQL}, {OPTIONS_SQL}, {VARIANTS_SQL}, offers.sku,
    p.manufacturer, p.responsible_person, p.content_unit, p.is_formatted
FROM page JOIN product p USING (id) JOIN offers USING (id)
JOIN category ON category.id = p.category_id"""  # noqa: S608

VISIBLE_DETAIL_SQL = DETAIL_SQL.format(which=f"slug = %s AND {VISIBLE_SQL}")
PREVIEW_SQL = DETAIL_SQL.format(which="id = %s")

RELATED_SQL = f"""
WITH page AS (
    SELECT id FROM product p WHERE category_id = %s AND id <> %s AND {VISIBLE_SQL}
    ORDER BY published_at DESC, id DESC LIMIT {RELATED}),
{CARD_CTES}
SELECT {CARD_COLUMNS} FROM page {CARD_JOINS}
ORDER BY p.published_at DESC, p.id DESC"""  # noqa: S608


def product_detail(slug: str) -> bytes:
    """The finished JSON of a product page, also for an address that the product had before.

    Raises NotFound unless it is visible.
    """
    found = _found(VISIBLE_DETAIL_SQL, slug)
    if found is None:
        former = FormerSlug.objects.filter(slug=slug).values_list("product__slug", flat=True)
        found = _found(VISIBLE_DETAIL_SQL, former[0]) if former else None
    if found is None:
        raise NotFound("No product has this slug.")
    return found


def product_preview(product_id: int) -> bytes:
    """The same of a product that may not be in the shop. Raises NotFound while it has no price."""
    found = _found(PREVIEW_SQL, product_id)
    if found is None:
        raise NotFound("There is nothing to see yet: no variant is sold at a price.")
    return found


def _found(statement: str, key: str | int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(RELATED_SQL, [row[1], row[0]])
        related = [card(other) for other in cursor.fetchall()]
    return orjson.dumps(_page(row, related))


def _page(row: tuple[Any, ...], related: list[Card]) -> ProductDetail:
    (slug, name, brand, description, category_slug, category_name) = row[2:8]
    (breadcrumb, attributes, images, options, variants, default_sku) = row[8:14]
    (manufacturer, responsible_person, unit, is_formatted) = row[14:]
    pictures = [(of, image(picture), (code, value)) for of, picture, code, value in images or []]
    # By the variant, and by code and value of an option: the first picture of each.
    first_of = {key: picture for of, picture, value in reversed(pictures) for key in (of, value)}
    return {
        "slug": slug,
        "name": name,
        "brand": brand,
        "description": plain(description, is_formatted),
        "description_html": rendered(description, is_formatted),
        "manufacturer": manufacturer,
        "responsible_person": responsible_person,
        "category": {"slug": category_slug, "name": category_name},
        "breadcrumb": breadcrumb or [],
        "attributes": attributes or [],
        # Variants of one colour share a picture: the gallery shows it once.
        "images": list({picture["url"]: picture for _, picture, _ in pictures if picture}.values()),
        "options": _options(options or [], variants),
        "variants": [_variant(variant, options or [], first_of, unit) for variant in variants],
        "default_sku": default_sku,
        "related": related,
    }


def _variant(
    row: list[Any], options: list[list[str]], first_of: dict[Any, Image | None], unit: str
) -> VariantOut:
    variant_id, sku, values, amount, prior_amount, lowest, content, level, left = row
    shows = next((key for key in (variant_id, *values.items()) if key in first_of), None)
    return {
        "sku": sku,
        "variant_id": variant_id,
        "name": " / ".join(str(values[code]) for code, _ in options if code in values),
        "options": values,
        "price": money(amount),
        "prior_price": prior(prior_amount),
        "lowest_price": prior(lowest),
        "unit_price": unit_price(amount, content, unit),
        "availability": AVAILABILITY[level],
        "available": min(left, SHOWN_AT_MOST),
        "image": first_of[shows] if shows else None,
    }


def _options(options: list[list[str]], variants: list[list[Any]]) -> list[OptionOut]:
    """Each option with its values in the order of the variants, every value once."""
    offered = [values for _, _, values, *_ in variants]
    return [
        {
            "code": code,
            "name": name,
            "values": list(dict.fromkeys(o[code] for o in offered if code in o)),
        }
        for code, name in options
    ]
