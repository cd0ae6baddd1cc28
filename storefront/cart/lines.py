"""The two changes of a cart that every purchase makes, as one statement each.

Both run in the transaction of their caller, which has locked the cart's row. A statement sees what
was committed before it began, so the lock needs a statement of its own before these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from storefront.cart.models import MAX_LINES, MAX_QUANTITY
from storefront.clients.wanted import Wanted
from storefront.statements import row, run

# The line of the variant; else the one of its SKU whose variant is not known yet.
RAISE = """
WITH known AS (
    SELECT id, quantity FROM cart_cartline
    WHERE cart_id = %(cart)s AND (
        variant_id = %(variant_id)s
        OR sku = %(sku)s AND (variant_id IS NULL OR %(variant_id)s::bigint IS NULL))
    ORDER BY variant_id IS NULL AND %(variant_id)s::bigint IS NOT NULL, id
    LIMIT 1
), raised AS (
    UPDATE cart_cartline line SET
        quantity = greatest(
            line.quantity,
            least(%(quantity)s + CASE WHEN %(is_more)s THEN line.quantity ELSE 0 END, %(most)s)),
        variant_id = coalesce(%(variant_id)s, line.variant_id),
        seen = %(seen)s::jsonb
    FROM known WHERE line.id = known.id
    RETURNING known.quantity AS before, line.quantity AS now
), made AS (
    INSERT INTO cart_cartline (cart_id, sku, variant_id, quantity, seen, added_at)
    SELECT %(cart)s, %(sku)s, %(variant_id)s, least(%(quantity)s, %(most)s), %(seen)s::jsonb,
        statement_timestamp()
    WHERE NOT EXISTS (SELECT FROM known)
        AND (SELECT count(*) FROM cart_cartline WHERE cart_id = %(cart)s) < %(lines)s
    RETURNING 0 AS before, quantity AS now
)
SELECT before, now FROM raised UNION ALL SELECT before, now FROM made
"""
TAKE = """
WITH remains AS (
    SELECT line.id, line.quantity - sum(ordered.quantity) AS quantity
    FROM cart_cart cart JOIN cart_cartline line ON line.cart_id = cart.id
    JOIN jsonb_to_recordset(%(ordered)s::jsonb)
        AS ordered (sku text, variant_id bigint, quantity int)
        ON CASE WHEN ordered.variant_id IS NULL OR line.variant_id IS NULL
           THEN ordered.sku = line.sku ELSE ordered.variant_id = line.variant_id END
    WHERE cart.subject = %(subject)s
    GROUP BY line.id
), gone AS (
    DELETE FROM cart_cartline line USING remains
    WHERE line.id = remains.id AND remains.quantity <= 0
)
UPDATE cart_cartline line SET quantity = remains.quantity FROM remains
WHERE line.id = remains.id AND remains.quantity > 0
"""


def raise_quantity(
    cart: int, wanted: Wanted, seen: Mapping[str, Any], *, most: int, is_more: bool
) -> tuple[int, int] | None:
    """The quantity before and now; None if the cart has no room for one more line."""
    values = {
        **vars(wanted),
        "cart": cart,
        "seen": json.dumps(seen),
        "most": min(most, MAX_QUANTITY),
        "is_more": is_more,
        "lines": MAX_LINES,
    }
    return row(RAISE, values)


def take_out(subject: str, ordered: Sequence[Wanted]) -> None:
    wires = json.dumps([line.to_wire() for line in ordered])
    run(TAKE, {"subject": subject, "ordered": wires})
