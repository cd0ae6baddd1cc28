"""Redis as the dispatcher sees it: how full the queues are, and a quick way to put messages in.

Every wait is bounded: with Redis refused a call fails at once, with Redis frozen within a second.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

import redis
from celery import Celery, Task
from django.conf import settings
from kombu import Producer
from kombu.exceptions import KombuError
from prometheus_client import Counter

from chassis.health import redis_client
from chassis.metrics.series import begin_at_zero
from order_service.celery_metrics import PUBLISHED_AT
from order_service.celery_settings import PUBLISHER_TRANSPORT_OPTIONS
from order_service.dispatch.due import QUEUES

OUTBOX_PUBLISHED = Counter(
    "techcommerce_outbox_published_total",
    "Messages that the dispatcher sent; under load one carries several orders.",
    ["topic", "outcome"],
)
begin_at_zero(OUTBOX_PUBLISHED, QUEUES, ("ok", "error"))


class BrokerAway(Exception):
    """Redis does not answer."""


class Broker:
    """One connection to look and one to publish, each thrown away when it fails."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._app.conf.broker_transport_options = {
            **self._app.conf.broker_transport_options,
            **PUBLISHER_TRANSPORT_OPTIONS,
        }
        self._connection: Any = None
        self._producer: Producer | None = None
        self._redis = redis_client(settings.REDIS_URL)

    def look(self, queue: str) -> tuple[int, datetime | None]:
        """How many messages wait, and since when the oldest does, if any. Raises BrokerAway."""
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.llen(queue)
                pipe.lindex(queue, -1)
                depth, oldest = pipe.execute()
        except redis.RedisError as error:
            raise BrokerAway(str(error)) from error
        return depth, None if oldest is None else published_at(oldest)

    def publish(self, task: Task[Any, Any], argument: object, *, queue: str, at: datetime) -> None:
        """Put one message in, stamped with `at`, or raise BrokerAway within a second."""
        try:
            if self._producer is None:
                self._connection = self._app.connection_for_write()
                self._producer = Producer(self._connection)
            task.apply_async(
                args=(argument,),
                queue=queue,
                headers={PUBLISHED_AT: at.isoformat()},
                producer=self._producer,
                retry=False,
            )
        except (KombuError, redis.RedisError, OSError) as error:
            OUTBOX_PUBLISHED.labels(queue, "error").inc()
            self._drop_producer()
            raise BrokerAway(str(error)) from error
        OUTBOX_PUBLISHED.labels(queue, "ok").inc()

    def _drop_producer(self) -> None:
        self._producer = None
        with suppress(KombuError, redis.RedisError, OSError):
            self._connection.release()


def published_at(message: bytes) -> datetime | None:
    """When a message was published; None for a message that is not of our making."""
    with suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(message)["headers"][PUBLISHED_AT])
    return None
