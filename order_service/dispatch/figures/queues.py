"""How full the queues are: read from Redis by each scrape, in one round trip, without a retry.

A queue's length counts messages. A message carries one order, or several when 32 and more fall
due within one turn of the dispatcher.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import orjson
import redis
from django.conf import settings
from django.utils import timezone
from kombu.transport.redis import PRIORITY_STEPS, Channel
from prometheus_client.core import GaugeMetricFamily

from chassis.health import redis_client
from chassis.metrics.figures import Figure, Figures
from order_service.dispatch.broker import published_at
from order_service.dispatch.due import QUEUES

LENGTH = Figure("celery_queue_length", "Messages that no worker has taken.", ("queue_name",))
OLDEST_AGE = Figure(
    "celery_queue_oldest_message_age_seconds",
    "Since when the message waits that is next; 0 when none does.",
    ("queue_name",),
)
UNACKED = Figure(
    "celery_queue_unacked", "Messages taken and not finished: running or scheduled.", ("kind",)
)
UNACKED_AGE = Figure(
    "celery_unacked_oldest_age_seconds",
    "Since when the longest of the running messages is taken; 0 when none runs.",
)
LOOKED_AT = 200  # unacknowledged messages whose kind is told apart


def queue_figures() -> Figures:
    client = redis_client(settings.REDIS_URL)
    return Figures(lambda: _read(client))


def _read(client: redis.Redis) -> Iterable[GaugeMetricFamily]:
    with client.pipeline(transaction=False) as pipe:
        for queue in QUEUES:
            for key in _keys(queue):
                pipe.llen(key)
            pipe.lindex(queue, -1)
        pipe.hlen(Channel.unacked_key)
        pipe.zrange(Channel.unacked_index_key, 0, LOOKED_AT - 1, withscores=True)
        pipe.hscan(Channel.unacked_key, count=LOOKED_AT)
        *answers, unacked, taken, (_, messages) = pipe.execute()
    width = len(PRIORITY_STEPS) + 1
    rows = {(queue,): answers[at * width : (at + 1) * width] for at, queue in enumerate(QUEUES)}
    yield LENGTH.of({queue: sum(row[:-1]) for queue, row in rows.items()})
    yield OLDEST_AGE.of({queue: _age(row[-1]) for queue, row in rows.items()})
    scheduled = {tag for tag, message in messages.items() if _is_scheduled(message)}
    yield UNACKED.of({("running",): unacked - len(scheduled), ("scheduled",): len(scheduled)})
    now = time.time()
    since = next((at for tag, at in taken if tag not in scheduled), now)
    yield UNACKED_AGE.of({(): max(now - since, 0)})


def _keys(queue: str) -> list[str]:
    """A list of Redis for each priority; the first one has the plain name."""
    return [f"{queue}{Channel.sep}{step}" if step else queue for step in PRIORITY_STEPS]


def _age(message: bytes | None) -> float:
    at = published_at(message) if message else None
    return max((timezone.now() - at).total_seconds(), 0) if at else 0


def _is_scheduled(message: bytes) -> bool:
    payload, *_ = orjson.loads(message)
    return bool(payload["headers"].get("eta"))
