"""One statement writes an order: key, order, lines, adjustments and event 0, or nothing.

It is a transaction of its own. The key comes first: of simultaneous twins one inserts it, the
others wait on its unique index until that one has committed, or 500 ms are over; all other rows are
written only where the key was. Time is the database's own, in the rows and in the stored answer.

The same statement nudges the dispatchers, by PostgreSQL's NOTIFY, while the shop is quiet.
PostgreSQL lets one transaction with a NOTIFY commit at a time, so a busy shop sends few: each
process at most one in TOLD_EVERY_SECONDS. Whoever misses one finds the order in the next turn.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection
from django.db.models import AutoField, Model

from order_service.orders.adjustments import OrderAdjustment
from order_service.orders.idempotency import KEPT, TWIN_WAIT_MS, RequestKey, twins_wait
from order_service.orders.models import Order, OrderEvent, OrderLine

CHANNEL = "order_placed"
TOLD_EVERY_SECONDS = 0.05

_told_at = float("-inf")

# The columns that say when it was placed, and where an answer tells it.
TIMES: dict[type[Model], tuple[str, ...]] = {
    Order: ("next_attempt_at", "placed_at", "updated_at"),
    OrderLine: (),
    OrderAdjustment: (),
    OrderEvent: ("at",),
}
TIMES_TOLD = ("{placed_at}", "{updated_at}", "{timeline,0,at}")
# As the interface tells it: RFC 3339 in UTC, with milliseconds.
NOW_TOLD = """to_jsonb(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))"""


def _columns(model: type[Model]) -> list[str]:
    """Those that a row brings along."""
    fields = (each for each in model._meta.concrete_fields if not isinstance(each, AutoField))
    return [each.attname for each in fields if each.attname not in TIMES[model]]


COLUMNS = {model: _columns(model) for model in TIMES}


def _insert(model: type[Model]) -> str:
    table, own, times = model._meta.db_table, COLUMNS[model], TIMES[model]
    return f"""
    INSERT INTO {table} ({", ".join((*own, *times))})
    SELECT {", ".join((*(f"brought.{name}" for name in own), *("now()" for _ in times)))}
    FROM key, jsonb_populate_recordset(NULL::{table}, %({table})s::jsonb) brought"""  # noqa: S608


def _with_times(body: str) -> str:
    for path in TIMES_TOLD:
        body = f"jsonb_set({body}, '{path}', {NOW_TOLD})"
    return body


# The limit of the wait holds for this statement alone: a session waits for other locks longer.
STATEMENT = f"""
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', %(patience)s, true)
), key AS (
    INSERT INTO orders_idempotencykey (scope, key, fingerprint, order_id, status, body, expires_at)
    SELECT %(scope)s, %(key)s, %(fingerprint)s, %(order_id)s::uuid, %(status)s::smallint,
        {_with_times("%(body)s::jsonb")}, now() + %(kept)s::interval
    FROM patience
    ON CONFLICT (scope, key) DO NOTHING
    RETURNING body
), {", ".join(f"to_{model._meta.db_table} AS ({_insert(model)})" for model in TIMES)}
SELECT body::text, CASE WHEN %(is_told)s THEN pg_notify('{CHANNEL}', '')::text END FROM key"""  # noqa: S608


def write_order(
    request: RequestKey,
    order: Order,
    parts: Sequence[Model],
    *,
    status: int,
    body: Mapping[str, Any],
) -> Mapping[str, Any] | None:
    """Write `order` and its `parts`: lines, adjustments, event 0. The answer as it is stored now;
    None if a twin was faster.

    Raises InFlight, or IntegrityError where the number is taken: nothing is written then.
    """
    parameters: dict[str, Any] = {
        **vars(request),
        "patience": f"{TWIN_WAIT_MS}ms",
        "order_id": order.id,
        "status": status,
        "body": _json(body),
        "kept": KEPT,
        "is_told": _is_nudge_due(),
        **{model._meta.db_table: _rows(model, (order, *parts)) for model in TIMES},
    }
    with twins_wait(), connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        stored = cursor.fetchone()
    return None if stored is None else orjson.loads(stored[0])


def _rows(model: type[Model], rows: Sequence[Model]) -> str:
    own = (vars(row) for row in rows if type(row) is model)
    return _json([{name: row[name] for name in COLUMNS[model]} for row in own])


def _json(value: object) -> str:
    return orjson.dumps(value, default=_amount).decode()


def _amount(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _is_nudge_due() -> bool:
    """Whether this process tells of the order that it is about to place."""
    global _told_at
    now = time.monotonic()
    if now - _told_at < TOLD_EVERY_SECONDS:
        return False
    _told_at = now
    return True
