"""Taking what is due, so that no two dispatchers take the same row.

A row that was announced before is taken again only if its message is gone: the queue is empty, or
its oldest message is younger than the announcement. So re-sends never make a long queue longer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection

TAKE_ORDERS = """
WITH due AS (
    SELECT id FROM orders_order
    WHERE next_attempt_at <= now() AND attention_at IS NULL
        AND (lease_until IS NULL OR lease_until < now())
        AND (published_at IS NULL OR %(oldest)s::timestamptz IS NULL
            OR published_at < %(oldest)s::timestamptz)
    ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE orders_order o SET published_at = now(), next_attempt_at = now() + %(again)s
FROM due WHERE o.id = due.id RETURNING o.id, o.published_at
"""

TAKE_DELIVERIES = """
WITH due AS (
    SELECT id FROM orders_delivery
    WHERE next_attempt_at <= now() AND sent_at IS NULL AND attention_at IS NULL
        AND (published_at IS NULL OR %(oldest)s::timestamptz IS NULL
            OR published_at < %(oldest)s::timestamptz)
    ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE orders_delivery d SET published_at = now(), next_attempt_at = now() + %(again)s
FROM due WHERE d.id = due.id RETURNING d.id, d.published_at
"""


Key = TypeVar("Key", uuid.UUID, int)


@dataclass(frozen=True)
class Taken(Generic[Key]):
    """Rows that were marked as announced at `at`, the time that their messages must carry."""

    ids: list[Key]
    at: datetime


def take_orders(
    *, limit: int, oldest: datetime | None, again: timedelta
) -> Taken[uuid.UUID] | None:
    """At most `limit` due orders, or None; due once more after `again`."""
    return _taken(_take(TAKE_ORDERS, limit, oldest, again))


def take_deliveries(*, limit: int, oldest: datetime | None, again: timedelta) -> Taken[int] | None:
    """At most `limit` due deliveries, or None; due once more after `again`."""
    return _taken(_take(TAKE_DELIVERIES, limit, oldest, again))


def _taken(rows: list[tuple[Key, datetime]]) -> Taken[Key] | None:
    return Taken([key for key, _ in rows], rows[0][1]) if rows else None


def _take(statement: str, limit: int, oldest: datetime | None, again: timedelta) -> list[Any]:
    parameters: dict[str, Any] = {"limit": limit, "oldest": oldest, "again": again}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows
