"""What a dispatcher has put into the queues of a real Redis."""

from __future__ import annotations

import base64
import json
from typing import Any

import redis


def messages(client: redis.Redis, queue: str = "orders") -> list[Any]:
    """The arguments of every message in the queue, oldest first."""
    found: Any = client.lrange(queue, 0, -1)
    bodies = [json.loads(message) for message in reversed(found)]
    return [json.loads(_plain(body))[0][0] for body in bodies]


def announced(client: redis.Redis, queue: str = "orders") -> list[Any]:
    """All ids in all messages."""
    found = messages(client, queue)
    return sorted(each for ids in found for each in (ids if isinstance(ids, list) else [ids]))


def _plain(message: dict[str, Any]) -> bytes:
    return base64.b64decode(message["body"])
