"""What lines of a basket cost now, and whether they can be had; one statement for all lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from product_service.catalogue.availability import LEFT_SQL, SHOWN_AT_MOST
from product_service.catalogue.fragments import IMAGE_SQL, image, money
from product_service.shapes import Quote, QuoteLine, WantedLine

# A line follows its variant id; its SKU counts only where it has none. A picture of the variant
# itself comes before the first one of the product.
QUOTE_SQL = f"""
WITH named AS (
    SELECT place, coalesce(wanted.variant_id, by_sku.id) AS variant_id
    FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS wanted (variant_id, sku, place)
    LEFT JOIN variant by_sku ON by_sku.sku = wanted.sku),
asked AS (
    SELECT * FROM variant WHERE is_active AND id IN (SELECT variant_id FROM named)),
pictures AS (
    SELECT DISTINCT ON (asked.id) asked.id, {IMAGE_SQL} AS image
    FROM asked JOIN image USING (product_id)
    ORDER BY asked.id, image.variant_id IS DISTINCT FROM asked.id,
        (asked.options ->> image.option_code) IS DISTINCT FROM image.option_value,
        image.option_code <> '', image.position, image.id)
SELECT place, v.id, v.sku, p.name, v.options::json, p.slug, p.tax_class, price.amount, {LEFT_SQL},
    pictures.image
FROM named JOIN asked v ON v.id = named.variant_id
JOIN product p ON p.id = v.product_id
JOIN price ON price.variant_id = v.id
LEFT JOIN stock_item s ON s.variant_id = v.id
LEFT JOIN pictures ON pictures.id = v.id
WHERE p.is_published AND p.deleted_at IS NULL"""  # noqa: S608


# What follows variant id and SKU: name, options, slug, tax class, amount, left, picture.
NO_OFFER: tuple[Any, ...] = (None, {}, None, "standard", None, 0, None)


def quote(lines: Sequence[WantedLine]) -> Quote:
    """Lines keep their order. An unknown product is `unavailable`."""
    variant_ids, skus = [line.variant_id for line in lines], [line.sku for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(QUOTE_SQL, [variant_ids, skus])
        offers = {row[0]: row[1:] for row in cursor.fetchall()}
    wanted: Counter[int] = Counter()
    for place, (variant_id, *_) in offers.items():
        wanted[variant_id] += lines[place - 1].quantity
    return {
        "currency": settings.STORE_CURRENCY,
        "lines": [_line(line, offers.get(place), wanted) for place, line in enumerate(lines, 1)],
    }


def _line(line: WantedLine, offer: tuple[Any, ...] | None, wanted: Mapping[int, int]) -> QuoteLine:
    """One line; its status is about all lines of its variant together."""
    variant_id, sku, name, options, slug, tax_class, amount, left, picture = offer or (
        line.variant_id,
        line.sku,
        *NO_OFFER,
    )
    return {
        "sku": sku,
        "variant_id": variant_id,
        "quantity": line.quantity,
        "status": _status(left, wanted[variant_id]) if offer else "unavailable",
        "available": min(left, SHOWN_AT_MOST),
        "name": name,
        "options": options,
        "product_slug": slug,
        "image": image(picture),
        "unit_price": money(amount) if offer else None,
        "tax_class": tax_class,
    }


def _status(left: int, wanted: int) -> str:
    if left == 0:
        return "sold_out"
    return "ok" if wanted <= left else "less_left"
