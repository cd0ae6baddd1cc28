"""I3 and I6 within the orders' database: our own books of the money."""

from __future__ import annotations

BALANCED = {
    "a booking that does not sum to zero": """
        SELECT booking, sum(amount) AS sum FROM payments_ledgerentry
        GROUP BY booking HAVING sum(amount) <> 0""",
    "booked is not what is due": """
        SELECT o.number, o.state, o.total, coalesce(sum(l.amount), 0) AS booked
        FROM orders_order o
        LEFT JOIN payments_ledgerentry l ON l.order_id = o.id AND l.account = 'provider'
        GROUP BY o.number, o.state, o.total
        HAVING coalesce(sum(l.amount), 0) <> CASE WHEN o.state = 'confirmed' THEN o.total ELSE 0 END
        """,
    "payments do not say what the order says": """
        SELECT o.number, o.state, o.payment_status,
               array_agg(p.state) FILTER (WHERE p.id IS NOT NULL) AS payments
        FROM orders_order o LEFT JOIN payments_payment p ON p.order_id = o.id
        WHERE o.state IN ('confirmed', 'cancelled')
        GROUP BY o.number, o.state, o.payment_status
        HAVING count(*) FILTER (WHERE p.state = 'captured') <> (o.state = 'confirmed')::int
            OR (o.payment_status = 'paid') <> (o.state = 'confirmed')""",
    "an order whose parts do not add up": """
        SELECT o.number, o.subtotal, o.shipping, o.total, sum(l.total) AS lines FROM orders_order o
        LEFT JOIN orders_orderline l ON l.order_id = o.id
        GROUP BY o.id
        HAVING o.subtotal <> coalesce(sum(l.total), 0)
            OR o.total <> o.subtotal - o.discount + o.shipping + o.fees""",
    # Orders of a previous version have no such rows.
    "an order whose adjustments are not its sums": """
        SELECT o.number, o.discount, o.shipping, o.fees, sum(a.amount) AS adjustments
        FROM orders_order o JOIN orders_orderadjustment a ON a.order_id = o.id
        GROUP BY o.id
        HAVING o.shipping <> coalesce(sum(a.amount) FILTER (WHERE a.kind = 'shipping'), 0)
            OR o.discount <> coalesce(-sum(a.amount) FILTER (WHERE a.kind = 'order_discount'), 0)
            OR o.fees <> coalesce(sum(a.amount) FILTER (WHERE a.kind = 'fee'), 0)
            OR o.tax <> sum(a.tax) + (SELECT sum(tax) FROM orders_orderline WHERE order_id = o.id)
        """,
}

SETTLED = {
    "a payment of a finished order is still open": """
        SELECT o.number, o.state, p.id AS payment, p.state AS payment_state FROM payments_payment p
        JOIN orders_order o ON o.id = p.order_id
        WHERE o.state IN ('confirmed', 'cancelled')
          AND p.state IN ('new', 'unknown', 'action_required', 'authorized')""",
}
