"""What lines of a basket cost now, and whether they can be had; one statement for all lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from product_service.catalogue.availability import LEFT_SQL, SHOWN_AT_MOST
from product_service.catalogue.fragments import IMAGE_SQL, image, money

# A picture of the variant itself comes before the first one of the product.
QUOTE_SQL = f"""
WITH asked AS (SELECT * FROM variant WHERE sku = ANY(%s) AND is_active),
pictures AS (
    SELECT DISTINCT ON (asked.id) asked.id, {IMAGE_SQL} AS image
    FROM asked JOIN image USING (product_id)
    ORDER BY asked.id, image.variant_id IS DISTINCT FROM asked.id, image.position, image.id)
SELECT v.sku, p.name, v.options::json, p.slug, p.tax_class, price.amount, {LEFT_SQL},
    pictures.image
FROM asked v
JOIN product p ON p.id = v.product_id
JOIN price ON price.variant_id = v.id
LEFT JOIN stock_item s ON s.variant_id = v.id
LEFT JOIN pictures ON pictures.id = v.id
WHERE p.is_published AND p.deleted_at IS NULL"""  # noqa: S608

GONE: dict[str, Any] = {
    "status": "unavailable",
    "available": 0,
    "name": None,
    "options": {},
    "product_slug": None,
    "image": None,
    "unit_price": None,
    "tax_class": "standard",
}


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


def quote(lines: Sequence[Line]) -> dict[str, Any]:
    """The wire form of a quote; lines keep their order. An unknown SKU is `unavailable`."""
    with connection.cursor() as cursor:
        cursor.execute(QUOTE_SQL, [[line.sku for line in lines]])
        offers = {row[0]: row[1:] for row in cursor.fetchall()}
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    return {
        "currency": settings.STORE_CURRENCY,
        "lines": [_line(line, offers.get(line.sku), wanted[line.sku]) for line in lines],
    }


def _line(line: Line, offer: tuple[Any, ...] | None, wanted: int) -> dict[str, Any]:
    """One line; its status is about all lines of its SKU together."""
    asked = {"sku": line.sku, "quantity": line.quantity}
    if offer is None:
        return {**asked, **GONE}
    name, options, slug, tax_class, amount, left, picture = offer
    return {
        **asked,
        "status": _status(left, wanted),
        "available": min(left, SHOWN_AT_MOST),
        "name": name,
        "options": options,
        "product_slug": slug,
        "image": image(picture),
        "unit_price": money(amount),
        "tax_class": tax_class,
    }


def _status(left: int, wanted: int) -> str:
    if left == 0:
        return "sold_out"
    return "ok" if wanted <= left else "less_left"
