"""What a message tells of itself: our headers, which say what it is about without its contents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

# When it was announced, and how many rows (orders, deliveries, jobs) it names.
PUBLISHED_AT, ROWS = "published_at", "rows"


def rows_of(argument: object) -> int:
    """How many rows a task with this argument is about."""
    return len(argument) if isinstance(argument, list) else 1


@dataclass(frozen=True)
class Message:
    """What the queue tells of a message without its contents."""

    rows: int
    published_at: datetime | None  # None for a message that is not of our making


def read(message: bytes | str) -> Message:
    """Of a message as Redis holds it."""
    try:
        headers = orjson.loads(message)["headers"]
        # The version before wrote no number; its messages are worked off within seconds.
        return Message(int(headers.get(ROWS, 1)), datetime.fromisoformat(headers[PUBLISHED_AT]))
    except (ValueError, KeyError, TypeError):
        return Message(1, None)
