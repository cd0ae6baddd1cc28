"""The statements of the pipeline, each for any number of orders: leases, fences, moves.

Rows are locked in the order of their ids, payments before orders, so two sets that share orders
never wait for each other in a ring. Time is the database's own, so the clocks of the workers do
not matter.
"""

from __future__ import annotations

from order_service.orders.events import TELL
from order_service.orders.states import State
from order_service.payments.actions import BOOK

CLAIM = """
WITH free AS (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)s) AND next_attempt_at IS NOT NULL AND attention_at IS NULL
        AND (lease_until IS NULL OR lease_until < now())
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order SET
    lease_until = now() + %(lease)s,
    next_attempt_at = now() + %(lease)s + %(grace)s,
    claims = claims + 1,
    attempts = attempts + 1,
    failures = failures + (lease_until IS NOT NULL)::int,
    attention_at = CASE WHEN failures + (lease_until IS NOT NULL)::int >= %(most)s THEN now() END
FROM free WHERE orders_order.id = free.id
RETURNING orders_order.id, number, state, version, lease_until, attempts, total, currency,
    payment_token, awaiting_until, placed_at, reason, attention_at, request_id
"""
# Of several, only those whose last lease was given back and that have not failed since their last
# move: the others may be what a worker died of. Nor those that somebody has locked. So the rest are
# claimed alone.
CLAIM_SET = CLAIM.replace(
    "ORDER BY id FOR NO KEY UPDATE",
    "AND lease_until IS NULL AND failures = 0 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
)

LINES = """
SELECT order_id, sku, quantity, variant_id FROM orders_orderline
WHERE order_id = ANY(%(ids)s) ORDER BY order_id, position
"""

# The fence, the move, its event and what follows from it, in one. NULL leaves a column as it is; a
# lease of NULL is none.
MOVE = f"""
WITH own AS (
    SELECT wish.*, orders_order.state AS from_state, to_state = ANY(%(terminal)s) AS is_over
    FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(versions)s::int[], %(to)s::text[],
        %(awaiting)s::interval[], %(reasons)s::text[], %(short)s::text[], %(paid)s::text[],
        %(payments)s::bigint[])
        AS wish (id, state, version, to_state, awaiting, reason, short, payment_status, payment_id)
    JOIN orders_order ON orders_order.id = wish.id
        AND orders_order.state = wish.state AND orders_order.version = wish.version
    ORDER BY orders_order.id FOR NO KEY UPDATE OF orders_order
), moved AS (
    UPDATE orders_order SET
        state = own.to_state,
        version = own.version + 1,
        attempts = (NOT is_over)::int,
        failures = 0,
        last_error = '',
        lease_until = CASE WHEN NOT is_over THEN statement_timestamp() + %(lease)s END,
        next_attempt_at =
            CASE WHEN NOT is_over THEN statement_timestamp() + %(lease)s + %(grace)s END,
        awaiting_until = coalesce(statement_timestamp() + own.awaiting, awaiting_until),
        reason = coalesce(own.reason, orders_order.reason),
        short = coalesce(own.short::jsonb, orders_order.short),
        payment_status = coalesce(own.payment_status, orders_order.payment_status),
        updated_at = statement_timestamp()
    FROM own WHERE orders_order.id = own.id
    RETURNING orders_order.id, orders_order.version, total, lease_until, awaiting_until
), event AS (
    INSERT INTO orders_orderevent (order_id, version, from_state, to_state, actor, data)
    SELECT moved.id, moved.version, from_state, to_state, %(actor)s,
        CASE WHEN own.reason IS NULL THEN '{{}}' ELSE jsonb_build_object('reason', own.reason) END
    FROM moved JOIN own ON own.id = moved.id
    RETURNING id, order_id, version, to_state
), delivery AS ({TELL}
), capture AS (
    SELECT moved.id AS order_id, payment_id, total AS amount
    FROM moved JOIN own ON own.id = moved.id
    WHERE to_state = '{State.CONFIRMED}' AND payment_id IS NOT NULL
), entry AS ({BOOK})
SELECT id, lease_until, awaiting_until FROM moved
"""  # noqa: S608

POSTPONE = """
WITH own AS (
    SELECT wish.*, failures + is_failure::int AS failed
    FROM unnest(%(ids)s::uuid[], %(leases)s::timestamptz[], %(delays)s::interval[],
        %(errors)s::text[], %(are_failures)s::bool[])
        AS wish (id, lease, delay, error, is_failure)
    JOIN orders_order ON orders_order.id = wish.id AND lease_until = lease
    WHERE orders_order.state <> ALL(%(terminal)s)
    ORDER BY orders_order.id FOR NO KEY UPDATE OF orders_order
)
UPDATE orders_order SET
    lease_until = NULL,
    published_at = NULL,
    next_attempt_at = statement_timestamp() + delay,
    failures = failed,
    last_error = error,
    attention_at = CASE WHEN is_failure AND failed >= %(most)s THEN now() ELSE attention_at END
FROM own WHERE orders_order.id = own.id
RETURNING orders_order.id, attention_at
"""
