"""Names without the signs inside their words, so that `wifi` finds Wi-Fi and `oneill` O'Neill."""

from __future__ import annotations

INNER_SIGNS = "-'’\u2010\u2011"  # hyphens and apostrophes, typed or typeset

# The same expression as that of the index product_search_joined, or PostgreSQL reads every row.
JOINED_SQL = (
    "to_tsvector('shop'::regconfig, translate(product.name || ' ' || product.brand || ' '"
    f" || product.keywords, '{INNER_SIGNS.replace(chr(39), chr(39) * 2)}', ''))"
)
