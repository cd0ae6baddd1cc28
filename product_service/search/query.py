"""From the words that a shopper typed to the products that they mean, best first.

    tier 0   a SKU, exactly
    tier 1   SKUs that begin so
    tier 2   full text: name over brand and keywords over description, accents and endings folded,
             the last word also as the beginning of a word, with or without its inner signs
    tier 3   products in a category that is called so (unless the query has quotes or a minus)

A query with nothing to look for ("the", "%") finds nothing, and `HAS_WORDS_SQL` tells so.
The result is SQL with parameters; nothing typed by a shopper becomes part of a statement, and no
input makes PostgreSQL's parsers fail.
"""

from __future__ import annotations

import re
from typing import Any

from product_service.search.joined import JOINED_SQL
from product_service.search.words import text_query

SKU_PREFIX_MIN = 3
SKU = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")

# Whether there was anything to look for. Stands beside FOUND_SQL.
HAS_WORDS_SQL = "(numnode((SELECT query FROM words)) > 0 OR EXISTS (SELECT FROM found))"

# Gives `found (id, tier, rank)`. Needs the recursive CTE syntax of the statement around it.
FOUND_SQL = f"""
words AS (SELECT to_tsquery('shop', %(query)s) AS query),
named AS (
    SELECT category.id FROM category, words
    WHERE %(is_plain)s AND NOT category.is_hidden
        AND to_tsvector('shop', category.name) @@ words.query
    UNION
    SELECT category.id FROM category JOIN named ON category.parent_id = named.id
),
found AS (
    SELECT id, min(tier) AS tier, max(rank) AS rank FROM (
        SELECT product_id AS id, (sku <> %(sku)s)::int AS tier, 0::real AS rank
        FROM variant WHERE is_active AND sku LIKE %(sku_like)s
        UNION ALL
        SELECT product.id, 2, ts_rank_cd(search_vector, words.query)
        FROM product, words WHERE search_vector @@ words.query
        UNION ALL
        SELECT product.id, 2, 0
        FROM product, words WHERE %(is_plain)s AND {JOINED_SQL} @@ words.query
        UNION ALL
        SELECT product.id, 3, 0 FROM product WHERE category_id IN (SELECT id FROM named)
    ) AS hit GROUP BY id
)"""  # noqa: S608


def parameters(text: str) -> dict[str, Any]:
    """What both statements ask for when somebody searches for `text`."""
    query, is_plain = text_query(text)
    sku = text.strip().upper()
    return {"is_plain": is_plain, "query": query, "sku": sku, "sku_like": _sku_like(sku)}


def _sku_like(sku: str) -> str:
    """A LIKE pattern for SKUs that begin with `sku`; "" matches none."""
    if not SKU.fullmatch(sku):
        return ""
    escaped = sku.replace("_", r"\_")
    return escaped + "%" if len(sku) >= SKU_PREFIX_MIN else escaped
