"""How full the queues are: read from Redis by each scrape, in one round trip, without a retry.

A queue's length counts what waits: orders or mails. A message carries one of them or, when many
are due, up to 32.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import chain

import orjson
import redis
from django.conf import settings
from django.utils import timezone
from kombu.transport.redis import PRIORITY_STEPS, Channel
from prometheus_client.core import GaugeMetricFamily

from chassis.health import redis_client
from chassis.metrics.figures import Figure, Figures
from chassis.worker.messages import Message, read

LENGTH = Figure(
    "celery_queue_length",
    "Rows (orders, mails, jobs) in messages that no worker has taken.",
    ("queue_name",),
)
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


def queue_figures(names: Sequence[str]) -> Figures:
    client = redis_client(settings.REDIS_URL)
    return Figures(lambda: _read(client, names))


def _read(client: redis.Redis, names: Sequence[str]) -> Iterable[GaugeMetricFamily]:
    with client.pipeline(transaction=False) as pipe:
        for queue in names:
            for key in _keys(queue):
                pipe.lrange(key, 0, -1)
        pipe.hlen(Channel.unacked_key)
        pipe.zrange(Channel.unacked_index_key, 0, LOOKED_AT - 1, withscores=True)
        pipe.hscan(Channel.unacked_key, count=LOOKED_AT)
        *answers, unacked, taken, (_, messages) = pipe.execute()
    lists = zip(*[iter(answers)] * len(PRIORITY_STEPS), strict=True)
    queues = {
        (queue,): list(map(_messages, each)) for queue, each in zip(names, lists, strict=True)
    }
    yield LENGTH.of(
        {name: sum(each.rows for each in chain(*queue)) for name, queue in queues.items()}
    )
    yield OLDEST_AGE.of({name: _age(queue[0]) for name, queue in queues.items()})
    scheduled = {tag for tag, message in messages.items() if _is_scheduled(message)}
    yield UNACKED.of({("running",): unacked - len(scheduled), ("scheduled",): len(scheduled)})
    now = time.time()
    since = next((at for tag, at in taken if tag not in scheduled), now)
    yield UNACKED_AGE.of({(): max(now - since, 0)})


def _keys(queue: str) -> list[str]:
    """A list of Redis for each priority; the first one has the plain name."""
    return [f"{queue}{Channel.sep}{step}" if step else queue for step in PRIORITY_STEPS]


def _messages(found: Sequence[bytes]) -> list[Message]:
    return [read(each) for each in found]


def _age(messages: Sequence[Message]) -> float:
    """Of the one that is next, which is the last of a list."""
    at = messages[-1].published_at if messages else None
    return max((timezone.now() - at).total_seconds(), 0) if at else 0


def _is_scheduled(message: bytes) -> bool:
    payload, *_ = orjson.loads(message)
    return bool(payload["headers"].get("eta"))
