"""I4 and I5, and the stock's half of I6: what product_service owes, by SQL."""

from __future__ import annotations

# I4: each item is the sum of its movements, numbered without a gap, and never negative; what is
# put aside is exactly what held reservations hold; what left the house is what was committed.
CONSERVED = {
    "item differs from its movements": """
        SELECT v.sku, s.on_hand, s.reserved, coalesce(sum(m.d_on_hand), 0) AS on_hand_moved,
               coalesce(sum(m.d_reserved), 0) AS reserved_moved, s.version, count(m.id) AS movements
        FROM stock_item s JOIN variant v ON v.id = s.variant_id
        LEFT JOIN stock_movement m ON m.variant_id = s.variant_id
        GROUP BY v.sku, s.variant_id, s.on_hand, s.reserved, s.version
        HAVING s.on_hand <> coalesce(sum(m.d_on_hand), 0)
            OR s.reserved <> coalesce(sum(m.d_reserved), 0)
            OR s.version <> count(m.id) OR s.version <> coalesce(max(m.version), 0)""",
    "stock out of bounds": """
        SELECT v.sku, s.on_hand, s.reserved FROM stock_item s JOIN variant v ON v.id = s.variant_id
        WHERE s.reserved < 0 OR s.on_hand < s.reserved""",
    "stock was out of bounds in between": """
        SELECT sku, version, on_hand, reserved FROM (
            SELECT v.sku, m.version,
                   sum(m.d_on_hand) OVER w AS on_hand, sum(m.d_reserved) OVER w AS reserved
            FROM stock_movement m JOIN variant v ON v.id = m.variant_id
            WINDOW w AS (PARTITION BY m.variant_id ORDER BY m.version)) AS running
        WHERE reserved < 0 OR on_hand < reserved""",
    "put aside is not what held reservations hold": """
        SELECT v.sku, s.reserved, coalesce(h.quantity, 0) AS held FROM stock_item s
        JOIN variant v ON v.id = s.variant_id
        LEFT JOIN (SELECT l.variant_id, sum(l.quantity) AS quantity FROM reservation_line l
                   JOIN reservation r ON r.order_id = l.reservation_id
                   WHERE r.state = 'held' GROUP BY l.variant_id) h ON h.variant_id = s.variant_id
        WHERE s.reserved <> coalesce(h.quantity, 0)""",
    "a reservation and its movements disagree": """
        SELECT r.order_id, r.state, l.skus, l.quantity, coalesce(sum(m.d_on_hand), 0) AS on_hand,
               coalesce(sum(m.d_reserved), 0) AS reserved
        FROM reservation r JOIN (
            SELECT reservation_id, variant_id, string_agg(sku, ', ') AS skus,
                   sum(quantity) AS quantity
            FROM reservation_line GROUP BY reservation_id, variant_id
        ) l ON l.reservation_id = r.order_id
        LEFT JOIN stock_movement m ON m.order_id = r.order_id AND m.variant_id = l.variant_id
        GROUP BY r.order_id, r.state, l.variant_id, l.skus, l.quantity
        HAVING coalesce(sum(m.d_on_hand), 0)
                   <> CASE WHEN r.state = 'committed' THEN -l.quantity ELSE 0 END
            OR coalesce(sum(m.d_reserved), 0)
                   <> CASE WHEN r.state = 'held' THEN l.quantity ELSE 0 END""",
}

# I5: never more sold than there was, and nobody was told "sold out" while enough was there.
FAIR = {
    "sold more than received": """
        SELECT v.sku,
               -coalesce(sum(m.d_on_hand) FILTER (WHERE m.reason IN ('commit', 'restock')), 0)
                   AS sold,
               coalesce(sum(m.d_on_hand) FILTER (WHERE m.reason NOT IN ('commit', 'restock')), 0)
                   AS received
        FROM stock_movement m JOIN variant v ON v.id = m.variant_id GROUP BY v.sku
        HAVING sum(m.d_on_hand) < 0""",
    "refused although enough was there": """
        SELECT l.reservation_id AS order_id, l.sku, l.quantity, l.available_seen, l.seen_version
        FROM reservation_line l WHERE l.seen_version IS NOT NULL AND (
            l.available_seen >= l.quantity OR l.available_seen <> (
                SELECT coalesce(sum(m.d_on_hand - m.d_reserved), 0) FROM stock_movement m
                WHERE m.variant_id = l.variant_id AND m.version <= l.seen_version) - (
                SELECT coalesce(sum(b.quantity), 0) FROM reservation_line b
                WHERE b.reservation_id = l.reservation_id AND b.variant_id = l.variant_id
                    AND b.id < l.id AND b.seen_version IS NULL))""",
    "refused without a short line": """
        SELECT r.order_id FROM reservation r WHERE r.state = 'refused' AND NOT EXISTS (
            SELECT 1 FROM reservation_line l
            WHERE l.reservation_id = r.order_id AND l.seen_version IS NOT NULL)""",
}
RESERVATIONS = "SELECT order_id, state FROM reservation"
SOLD = """
    SELECT l.reservation_id AS order_id, l.sku, l.quantity FROM reservation_line l
    JOIN reservation r ON r.order_id = l.reservation_id WHERE r.state = 'committed'"""
