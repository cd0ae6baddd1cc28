"""The word for how many are left, in Python and in SQL, so that all pages say the same."""

from __future__ import annotations

from product_service.shapes import AVAILABILITY

SHOWN_AT_MOST = 99  # nobody learns the exact size of a large stock

# Both need the alias `s` for stock_item (may be missing: nothing is left). The highest level among
# its variants is a product's.
LEFT_SQL = "greatest(coalesce(s.on_hand - s.reserved, 0), 0)"
LEVEL_SQL = (
    "CASE WHEN coalesce(s.on_hand - s.reserved, 0) <= 0 THEN 0"
    " WHEN s.on_hand - s.reserved <= s.low_at THEN 1 ELSE 2 END"
)


def availability(available: int, low_at: int) -> str:
    """`sold_out`, `low` or `in_stock`."""
    return AVAILABILITY[0 if available <= 0 else 1 if available <= low_at else 2]
