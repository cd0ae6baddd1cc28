"""From the words that a shopper typed to the products that they mean, best first.

    tier 0   a SKU, exactly
    tier 1   SKUs that begin so
    tier 2   full text: name over brand and keywords over description, accents and endings folded,
             the last word also as the beginning of a word
    tier 3   products in a category that is called so (unless the query has quotes or a minus)
    tier 4   everything, if the query has no word to look for ("the", "!?")

The result is SQL with parameters; nothing typed by a shopper becomes part of a statement, and no
input makes PostgreSQL's parsers fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

WORDS_MAX = 12
SKU_PREFIX_MIN = 3
PLAIN = re.compile(r"[^\W_]+(\s+[^\W_]+)*")  # words only; anything else may be an operator
SKU = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")

# Gives `found (id, tier, rank)`. Needs the recursive CTE syntax of the statement around it.
FOUND_SQL = """
words AS (SELECT {query} AS query),
named AS (
    SELECT category.id FROM category, words
    WHERE %(is_plain)s AND to_tsvector('shop', category.name) @@ words.query
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
        SELECT product.id, 3, 0 FROM product WHERE category_id IN (SELECT id FROM named)
        UNION ALL
        SELECT product.id, 4, 0 FROM product, words WHERE numnode(words.query) = 0
    ) AS hit GROUP BY id
)"""


@dataclass(frozen=True)
class Search:
    """CTEs that end in `found (id, tier, rank)`, and their parameters."""

    sql: str
    parameters: dict[str, Any]


def search(text: str) -> Search:
    """The search for `text`, which is not empty."""
    words = text.split()[:WORDS_MAX]
    plain = PLAIN.fullmatch(" ".join(words)) is not None
    query = "to_tsquery" if plain else "websearch_to_tsquery"
    parameters: dict[str, Any] = {
        "is_plain": plain,
        "query": _prefix_query(words) if plain else " ".join(words),
        "sku": text.strip().upper(),
        "sku_like": _sku_like(text.strip().upper()),
    }
    return Search(FOUND_SQL.format(query=f"{query}('shop', %(query)s)"), parameters)


def _prefix_query(words: list[str]) -> str:
    """`'usb' & 'cab':*`: all words, the last one perhaps unfinished."""
    quoted = [f"'{word}'" for word in words]
    return " & ".join(quoted) + ":*"


def _sku_like(sku: str) -> str:
    """A LIKE pattern for SKUs that begin with `sku`; "" matches none."""
    if not SKU.fullmatch(sku):
        return ""
    escaped = sku.replace("_", r"\_")
    return escaped + "%" if len(sku) >= SKU_PREFIX_MIN else escaped
