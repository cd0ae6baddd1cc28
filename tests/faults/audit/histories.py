"""I2, I8, I9 and I10 within the orders' database, by SQL."""

from __future__ import annotations

# The only moves there are, written down here a second time on purpose (order_service.orders.states
# is what is being checked).
MOVES = (
    ("", "placed"),
    ("placed", "reserved"),
    ("reserved", "authorized"),
    ("reserved", "awaiting_shopper"),
    ("awaiting_shopper", "authorized"),
    ("authorized", "committed"),
    ("committed", "confirmed"),
    ("placed", "cancelling"),
    ("reserved", "cancelling"),
    ("awaiting_shopper", "cancelling"),
    ("authorized", "cancelling"),
    ("committed", "cancelling"),
    ("cancelling", "cancelled"),
)
_ALLOWED = ", ".join(f"('{begin}', '{end}')" for begin, end in MOVES)

ONE_KEY_ONE_ORDER = {
    "an order without exactly one key": """
        SELECT o.number, count(k.key) AS keys FROM orders_order o
        LEFT JOIN orders_idempotencykey k ON k.order_id = o.id
        GROUP BY o.number HAVING count(k.key) <> 1""",
    "a key used twice": """
        SELECT scope, key, count(*) AS times FROM orders_idempotencykey
        GROUP BY scope, key HAVING count(*) > 1""",
}

HISTORIES = {
    "a move that is not allowed": f"""
        SELECT o.number, e.version, e.from_state, e.to_state FROM orders_orderevent e
        JOIN orders_order o ON o.id = e.order_id
        WHERE (coalesce(e.from_state, ''), e.to_state) NOT IN (VALUES {_ALLOWED})""",
    "a history with a gap": """
        SELECT number, version, before, from_state FROM (
            SELECT o.number, e.version, e.from_state, lag(e.to_state) OVER w AS before,
                   lag(e.version) OVER w AS previous
            FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id
            WINDOW w AS (PARTITION BY e.order_id ORDER BY e.version)) AS steps
        WHERE version <> coalesce(previous + 1, 0)
           OR coalesce(from_state, '') <> coalesce(before, '')""",
    "an order that is not where its history ends": """
        SELECT o.number, o.state, o.version, last.to_state, last.version AS last_version
        FROM orders_order o LEFT JOIN LATERAL (
            SELECT to_state, version FROM orders_orderevent e WHERE e.order_id = o.id
            ORDER BY version DESC LIMIT 1) last ON true
        WHERE last.version IS NULL OR o.state <> last.to_state OR o.version <> last.version""",
    "a history that goes on after its end": """
        SELECT o.number, e.from_state, e.to_state FROM orders_orderevent e
        JOIN orders_order o ON o.id = e.order_id
        WHERE e.from_state IN ('confirmed', 'cancelled')""",
    "cancelled without a known reason": """
        SELECT number, reason FROM orders_order WHERE (state IN ('cancelling', 'cancelled')) <> (
            coalesce(reason, '') IN
                ('out_of_stock', 'payment_declined', 'shopper', 'staff', 'expired'))""",
}

# A shop that was updated holds cancelled orders of a time without a mail about that.
TOLD = {
    "a finished order without exactly one mail about its end": """
        SELECT o.number, o.state, count(d.id) AS mails FROM orders_order o
        JOIN orders_orderevent e ON e.order_id = o.id AND e.to_state = o.state
        LEFT JOIN orders_delivery d ON d.event_id = e.id
            AND d.kind IN ('order_confirmation', 'order_cancelled')
        WHERE o.state = 'confirmed' OR (o.state = 'cancelled' AND e.id >= (
            SELECT min(event_id) FROM orders_delivery WHERE kind = 'order_cancelled'))
        GROUP BY o.number, o.state HAVING count(d.id) <> 1""",
    "two mails to the owner about one order": """
        SELECT e.order_id, count(*) AS mails FROM orders_delivery d
        JOIN orders_orderevent e ON e.id = d.event_id
        WHERE d.kind = 'new_order' GROUP BY e.order_id HAVING count(*) > 1""",
    "a mail about an end that never was": """
        SELECT o.number, d.kind, e.to_state FROM orders_delivery d
        JOIN orders_orderevent e ON e.id = d.event_id JOIN orders_order o ON o.id = e.order_id
        WHERE (d.kind IN ('order_confirmation', 'new_order') AND e.to_state <> 'confirmed')
           OR (d.kind = 'order_cancelled' AND e.to_state <> 'cancelled')""",
}

# Of a shop at work: nothing has been due for a minute. Of a drained one: nothing is left to do.
STUCK = {
    "due for more than a minute": """
        SELECT number, state, attempts, next_attempt_at, lease_until FROM orders_order
        WHERE state NOT IN ('confirmed', 'cancelled') AND attention_at IS NULL
          AND next_attempt_at < now() - interval '60 seconds'
          AND coalesce(lease_until, '-infinity') < now()""",
    "a mail that is due for more than a minute": """
        SELECT d.id, d.key, d.attempts, d.next_attempt_at FROM orders_delivery d
        WHERE d.sent_at IS NULL
          AND coalesce(d.due_at, d.next_attempt_at) < now() - interval '60 seconds'""",
}
LEFT_OVER = {
    "not terminal": """
        SELECT number, state, attempts, next_attempt_at, lease_until, attention_at FROM orders_order
        WHERE state NOT IN ('confirmed', 'cancelled')""",
    "a mail that was not sent": """
        SELECT d.id, d.key, d.attempts, d.next_attempt_at FROM orders_delivery d
        WHERE d.sent_at IS NULL""",
}

ORDERS = "SELECT id, number, state, reason, subject, total, currency FROM orders_order"
LINES = """
    SELECT order_id, sku, sum(quantity)::int AS quantity FROM orders_orderline
    GROUP BY order_id, sku"""
KEYS = "SELECT scope, key, order_id FROM orders_idempotencykey"
PATHS = """
    SELECT o.number, array_agg(e.to_state::text ORDER BY e.version) AS states
    FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id GROUP BY o.number"""
