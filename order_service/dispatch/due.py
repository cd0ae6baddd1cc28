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

from order_service.orders.models import DUE_COLUMNS, ChannelName, Topic

Key = TypeVar("Key", uuid.UUID, int)


@dataclass(frozen=True)
class Due(Generic[Key]):
    """Rows of one table that are announced in one queue."""

    queue: str
    table: str
    is_ready: str  # SQL: what a row must be besides due and not in need of attention
    column: str = "next_attempt_at"

    @property
    def statement(self) -> str:
        return f"""
WITH due AS (
    SELECT id FROM {self.table}
    WHERE {self.column} <= now() - %(waited)s AND attention_at IS NULL AND {self.is_ready}
        AND (published_at IS NULL OR %(oldest)s::timestamptz IS NULL
            OR published_at < %(oldest)s::timestamptz)
    ORDER BY {self.column} LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE {self.table} taken SET published_at = now(), {self.column} = now() + %(again)s
FROM due WHERE taken.id = due.id RETURNING taken.id, taken.published_at"""  # noqa: S608


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(map(repr, values))})"


# The release after this one may write topics and channels that only it can carry out.
IS_KNOWN = f"{_one_of('kind', Topic.values)} AND {_one_of('channel', ChannelName.values)}"
ORDERS: Due[uuid.UUID] = Due(
    "orders", "orders_order", "(lease_until IS NULL OR lease_until < now())"
)
UNSENT = f"sent_at IS NULL AND {IS_KNOWN}"
NOTIFICATIONS: Due[int] = Due("notifications", "orders_delivery", UNSENT)
# In a queue of its own: workers of a version without channels do not listen to it.
OWNER: Due[int] = Due("owner", "orders_delivery", UNSENT, DUE_COLUMNS[ChannelName.OWNER_MAIL])
DELIVERIES = (NOTIFICATIONS, OWNER)
QUEUES = (ORDERS.queue, *(each.queue for each in DELIVERIES))


def take(
    due: Due[Key],
    *,
    limit: int,
    oldest: datetime | None,
    again: timedelta,
    waited: timedelta = timedelta(0),
) -> list[tuple[Key, datetime]]:
    """At most `limit` rows that have been due for `waited`, which are due once more after `again`:
    the id of each, and the time that its message must carry.

    `oldest` is when the oldest message of their queue was published, None for an empty queue.
    """
    parameters: dict[str, Any] = {"limit": limit, "oldest": oldest, "again": again}
    with connection.cursor() as cursor:
        cursor.execute(due.statement, parameters | {"waited": waited})
        rows: list[tuple[Key, datetime]] = cursor.fetchall()
    return rows
