"""The changes of a cart that every purchase makes, as one statement each.

A change of a cart that is there runs in the transaction of its caller, which has locked the cart's
row. A statement sees what was committed before it began, so the lock needs a statement of its own
before it. A cart that is made has no lines that anybody else could have changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from storefront.cart.models import MAX_LINES, MAX_QUANTITY
from storefront.clients.wanted import Wanted
from storefront.statements import row

MAKE = """
WITH cart AS (
    INSERT INTO cart_cart (subject, created_at, touched_at)
    VALUES (%(subject)s, statement_timestamp(), statement_timestamp())
    ON CONFLICT (subject) DO NOTHING
    RETURNING id
)
INSERT INTO cart_cartline (cart_id, sku, variant_id, quantity, seen, added_at)
SELECT id, %(sku)s, %(variant_id)s, least(%(quantity)s, %(most)s), %(seen)s::jsonb,
    statement_timestamp()
FROM cart
RETURNING 0, quantity, quantity
"""
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
SELECT before, now, now - before + (
    SELECT coalesce(sum(quantity), 0) FROM cart_cartline WHERE cart_id = %(cart)s
) FROM (SELECT before, now FROM raised UNION ALL SELECT before, now FROM made) changed
"""
TAKE = """
WITH remains AS (
    SELECT line.id,
        greatest(line.quantity - coalesce(sum(ordered.quantity), 0), 0) AS quantity
    FROM cart_cart cart JOIN cart_cartline line ON line.cart_id = cart.id
    LEFT JOIN jsonb_to_recordset(%(ordered)s::jsonb)
        AS ordered (sku text, variant_id bigint, quantity int)
        ON CASE WHEN ordered.variant_id IS NULL OR line.variant_id IS NULL
           THEN ordered.sku = line.sku ELSE ordered.variant_id = line.variant_id END
    WHERE cart.subject = %(subject)s
    GROUP BY line.id
), gone AS (
    DELETE FROM cart_cartline line USING remains
    WHERE line.id = remains.id AND remains.quantity = 0
), fewer AS (
    UPDATE cart_cartline line SET quantity = remains.quantity FROM remains
    WHERE line.id = remains.id AND remains.quantity BETWEEN 1 AND line.quantity - 1
)
SELECT coalesce(sum(quantity), 0) FROM remains
"""


class Raised(NamedTuple):
    """How many pieces a line had and has, and how many all lines of its cart have now."""

    before: int
    now: int
    pieces: int


def make_cart(subject: str, wanted: Wanted, seen: Mapping[str, Any], *, most: int) -> Raised | None:
    """A cart with its first line; None if the subject has a cart already."""
    made = row(MAKE, {**_of_line(wanted, seen, most), "subject": subject})
    return Raised(*made) if made else None


def raise_quantity(
    cart: int, wanted: Wanted, seen: Mapping[str, Any], *, most: int, is_more: bool
) -> Raised | None:
    """None if the cart has no room for one more line."""
    values = {"cart": cart, "is_more": is_more, "lines": MAX_LINES}
    raised = row(RAISE, {**_of_line(wanted, seen, most), **values})
    return Raised(*raised) if raised else None


def take_out(subject: str, ordered: Sequence[Wanted]) -> int:
    """Take what was ordered out of a cart; gives how many pieces are left in it.

    What was added since stays.
    """
    wires = json.dumps([line.to_wire() for line in ordered])
    left = row(TAKE, {"subject": subject, "ordered": wires})
    return int(left[0]) if left else 0


def _of_line(wanted: Wanted, seen: Mapping[str, Any], most: int) -> dict[str, Any]:
    return {**vars(wanted), "seen": json.dumps(seen), "most": min(most, MAX_QUANTITY)}
