"""The audit of all orders after a crash, by SQL and the provider's own ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.product_stub import State as Shop
from tests.bank import Ledger

# Each of these must find nothing.
WRONG = {
    "I3 a booking that does not sum to zero": """
        SELECT booking FROM payments_ledgerentry GROUP BY booking HAVING sum(amount) <> 0""",
    "I3 booked is not what is due": """
        SELECT o.number FROM orders_order o LEFT JOIN payments_ledgerentry l
            ON l.order_id = o.id AND l.account = 'provider'
        GROUP BY o.id
        HAVING coalesce(sum(l.amount), 0) <> CASE o.state WHEN 'confirmed' THEN o.total ELSE 0 END
        """,
    "I6 a payment of a finished order is open": """
        SELECT o.number, p.state FROM orders_order o JOIN payments_payment p ON p.order_id = o.id
        WHERE o.state IN ('confirmed', 'cancelled')
            AND p.state NOT IN ('captured', 'voided', 'declined')""",
    "I8 a gap or a jump in a history": """
        SELECT version, from_state, to_state FROM (
            SELECT e.*, lag(to_state, 1, '') OVER w AS before, row_number() OVER w AS place
            FROM orders_orderevent e WINDOW w AS (PARTITION BY order_id ORDER BY version)) AS steps
        WHERE from_state <> before OR version <> place - 1""",
    "I8 an order that is not where its history ends": """
        SELECT o.number FROM orders_order o WHERE (o.state, o.version) NOT IN (
            SELECT to_state, version FROM orders_orderevent e WHERE e.order_id = o.id
            ORDER BY version DESC LIMIT 1)""",
    "I9 not finished": """
        SELECT number, state, attention_at FROM orders_order
        WHERE state NOT IN ('confirmed', 'cancelled')""",
    "I10 a finished order without the one mail that tells its end, or a mail for another": """
        SELECT o.number, o.state, array_agg(d.kind) FROM orders_order o
        LEFT JOIN orders_orderevent e ON e.order_id = o.id
        LEFT JOIN orders_delivery d ON d.event_id = e.id
        GROUP BY o.id
        HAVING coalesce(string_agg(d.kind || ' of ' || e.to_state, ',' ORDER BY d.kind), '') <>
            CASE o.state
                WHEN 'confirmed' THEN 'new_order of confirmed,order_confirmation of confirmed'
                WHEN 'cancelled' THEN 'order_cancelled of cancelled' ELSE '' END""",
}


def audit(orders: Sequence[Order], shop: Shop, ledger: Ledger) -> None:
    """Nothing is lost, doubled, left open or left behind. These are all orders, and have ended."""
    for what, statement in WRONG.items():
        assert _rows(statement) == [], what
    for order in orders:
        order.refresh_from_db()
    paid = [order for order in orders if order.state == State.CONFIRMED]
    taken = [each["amount"] for each in ledger.entries() if each["kind"] == "capture"]
    assert sorted(taken) == sorted(int(order.total * 100) for order in paid), "I3"
    assert ledger.open_authorizations() == [], "I6"
    for order in orders:
        standing = shop.reservations.get(str(order.id))
        assert standing == ("committed" if order in paid else "released"), "I5, I6"


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[Any] = cursor.fetchall()
    return rows
