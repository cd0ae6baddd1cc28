"""Three finished orders, written straight into the databases: what a healthy shop leaves behind.

TC-PAID      one HOT, paid and confirmed; the only piece there was
TC-REFUSED   one HOT, cancelled as out_of_stock
TC-DECLINED  one GOODS-000, put aside, card declined, given back
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.faults import goods

PAID, REFUSED, DECLINED = (uuid.UUID(int=number) for number in (1, 2, 3))
PATHS: Mapping[str, tuple[str, ...]] = {
    "TC-PAID": ("placed", "reserved", "authorized", "committed", "confirmed"),
    "TC-REFUSED": ("placed", "cancelling", "cancelled"),
    "TC-DECLINED": ("placed", "reserved", "cancelling", "cancelled"),
}
EMPTY: Mapping[str, object] = {
    "character varying": "",
    "integer": 0,
    "smallint": 0,
    "bigint": 0,
    "numeric": 0,
    "boolean": False,
    "jsonb": Jsonb({}),
    "timestamp with time zone": "2100-01-01",
}
MAIL = """From: shop@example.org
To: ada@example.org
Subject: Your order {number} {end}
Message-ID: <{number}-1@example.org>

Your order {number} {end}.
"""
OWNER = "owner@example.org"
OWNERS_MAIL = """From: shop@example.org
To: {to}
Subject: New order {number}: 24.80
Message-ID: <{key}.4.new_order@example.org>

Order {number} is confirmed and paid.
"""
ENDS = {"confirmed": "is confirmed", "cancelled": "was cancelled"}
KINDS = {"confirmed": "order_confirmation", "cancelled": "order_cancelled"}


def mail(number: str, end: str = "") -> str:
    """The mail about the end of an order; `end` is a state, if not that of the order."""
    return MAIL.format(number=number, end=ENDS[end or PATHS[number][-1]])


def owners_mail(number: str = "TC-PAID", *, to: str = OWNER, key: str = "1") -> str:
    return OWNERS_MAIL.format(number=number, to=to, key=key)


def provider_entries() -> list[dict[str, Any]]:
    kinds = ("authorize", "capture")
    common = {"authorization": "auth_1", "reference": "TC-PAID", "amount": 2480, "currency": "EUR"}
    return [{"id": n, "kind": kind, "key": f"key-{n}", **common} for n, kind in enumerate(kinds)]


def journal() -> list[dict[str, Any]]:
    """Everybody was acknowledged, and looked at the order at its end."""
    orders = {"TC-PAID": "24.80", "TC-REFUSED": "24.80", "TC-DECLINED": "12.39"}
    told = [
        {
            "kind": "accepted",
            "shopper": number,
            "subject": f"guest:{number}",
            "key": number,
            "number": number,
            "total": total,
            "expected": total,
        }
        for number, total in orders.items()
    ]
    seen = [
        {
            "kind": "seen",
            "shopper": number,
            "number": number,
            "state": path[-1],
            "timeline": list(path),
        }
        for number, path in PATHS.items()
    ]
    return [*told, *seen]


def write_products(database: str) -> None:
    goods.stock_up(database, hot={goods.HOT: 1})
    with psycopg.connect(database) as connection:
        for order, sku, state in (
            (PAID, "HOT", "committed"),
            (REFUSED, "HOT", "refused"),
            (DECLINED, "GOODS-000", "released"),
        ):
            _reservation(connection, order, sku, state)
        _movements(connection, "HOT", PAID, [("reserve", 0, 1), ("commit", -1, -1)])
        _movements(connection, "GOODS-000", DECLINED, [("reserve", 0, 1), ("release", 0, -1)])
        connection.execute(
            """UPDATE stock_item s SET version = m.version, on_hand = m.on_hand,
                   reserved = m.reserved
               FROM (SELECT variant_id, count(*) AS version, sum(d_on_hand) AS on_hand,
                            sum(d_reserved) AS reserved FROM stock_movement GROUP BY variant_id) m
               WHERE m.variant_id = s.variant_id"""
        )


def write_orders(database: str) -> None:
    with psycopg.connect(database) as connection:
        _order(connection, PAID, "TC-PAID", "HOT", payment="captured")
        _order(connection, REFUSED, "TC-REFUSED", "HOT", reason="out_of_stock")
        _order(
            connection,
            DECLINED,
            "TC-DECLINED",
            "GOODS-000",
            reason="payment_declined",
            payment="declined",
        )
        for account, amount in (("provider", Decimal("24.80")), ("sales", Decimal("-24.80"))):
            _insert(
                connection,
                "payments_ledgerentry",
                order_id=PAID,
                booking="capture:1",
                account=account,
                amount=amount,
                key=f"capture:1:{account}",
            )


def _order(
    connection: psycopg.Connection,
    order: uuid.UUID,
    number: str,
    sku: str,
    *,
    reason: str = "",
    payment: str = "",
) -> None:
    path, price = PATHS[number], goods.price(sku)
    total = goods.total([(sku, 1)])
    _insert(
        connection,
        "orders_order",
        id=order,
        number=number,
        subject=f"guest:{number}",
        subtotal=price,
        shipping=total - price,
        total=total,
        state=path[-1],
        reason=reason,
        payment_status="declined" if payment == "declined" else "pending",
        version=len(path) - 1,
        next_attempt_at=None,
    )
    _line(connection, order, sku, price)
    _history(connection, order, path)
    _insert(
        connection,
        "orders_idempotencykey",
        scope=f"guest:{number}",
        key=number,
        order_id=order,
    )
    if payment:
        _payment(connection, order, number, total, payment)


def _line(connection: psycopg.Connection, order: uuid.UUID, sku: str, price: Decimal) -> None:
    _insert(
        connection,
        "orders_orderline",
        order_id=order,
        sku=sku,
        quantity=1,
        unit_price=price,
        total=price,
    )


def _history(connection: psycopg.Connection, order: uuid.UUID, path: tuple[str, ...]) -> None:
    for version, state in enumerate(path):
        _insert(
            connection,
            "orders_orderevent",
            order_id=order,
            version=version,
            from_state=path[version - 1] if version else "",
            to_state=state,
            actor="service:order_service",
            data=Jsonb({}),
        )
    _delivery(connection, order, path[-1])


def _delivery(connection: psycopg.Connection, order: uuid.UUID, end: str) -> None:
    connection.execute(
        """INSERT INTO orders_delivery (event_id, kind, key, attempts, last_error, sent_at,
                                        next_attempt_at)
           SELECT id, %s, %s, 1, '', now(), NULL FROM orders_orderevent
           WHERE order_id = %s AND to_state = %s""",
        [KINDS[end], f"{order}.{KINDS[end]}", order, end],
    )


def _payment(
    connection: psycopg.Connection, order: uuid.UUID, number: str, total: Decimal, state: str
) -> None:
    if state == "captured":
        connection.execute("UPDATE orders_order SET payment_status = 'paid' WHERE id = %s", [order])
    _insert(
        connection,
        "payments_payment",
        order_id=order,
        amount=total,
        state=state,
        idempotency_key=number,
    )


def _reservation(connection: psycopg.Connection, order: uuid.UUID, sku: str, state: str) -> None:
    _insert(
        connection,
        "reservation",
        order_id=order,
        state=state,
    )
    connection.execute(
        """INSERT INTO reservation_line (reservation_id, sku, variant_id, quantity,
                                         available_seen, seen_version)
           SELECT %s, sku, id, 1, %s, %s FROM variant WHERE sku = %s""",
        [order, *((0, 3) if state == "refused" else (None, None)), sku],
    )


def _movements(
    connection: psycopg.Connection,
    sku: str,
    order: uuid.UUID,
    moves: list[tuple[str, int, int]],
) -> None:
    for version, (reason, on_hand, reserved) in enumerate(moves, start=2):
        connection.execute(
            """INSERT INTO stock_movement (reference, variant_id, version, d_on_hand, d_reserved,
                                           reason, order_id, actor, note)
               SELECT %s, id, %s, %s, %s, %s, %s, 'service:order_service', ''
               FROM variant WHERE sku = %s""",
            [f"{order}:{sku}:{reason}", version, on_hand, reserved, reason, order, sku],
        )


def _insert(connection: psycopg.Connection, table: str, **columns: object) -> None:
    """Insert a row; every other column that must have a value gets an empty one of its type."""
    required = connection.execute(
        """SELECT column_name, data_type FROM information_schema.columns
           WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
             AND is_identity = 'NO'""",
        [table],
    ).fetchall()
    values = {name: EMPTY[kind] for name, kind in required if kind in EMPTY} | columns
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    connection.execute(query, list(values.values()))


def as_lines(entries: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)
