"""Redis as the dispatcher sees it: how full the queues are, and a quick way to put messages in.

Every wait is bounded: with Redis refused a call fails at once, with Redis frozen within a second.
"""

from __future__ import annotations

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
from chassis.worker.messages import PUBLISHED_AT, ROWS, read, rows_of
from chassis.worker.settings import PUBLISHER_TRANSPORT_OPTIONS
from order_service.dispatch.due import QUEUES

OUTBOX_PUBLISHED = Counter(
    "techcommerce_outbox_published_total",
    "Messages that the dispatcher sent; under load one carries several orders or deliveries.",
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
        """How many rows wait in messages, and since when the oldest message does, if any.

        Reads them all: a queue holds ten seconds of work at most. Raises BrokerAway.
        """
        try:
            messages = [read(each) for each in self._redis.lrange(queue, 0, -1)]
        except redis.RedisError as error:
            raise BrokerAway(str(error)) from error
        rows = sum(each.rows for each in messages)
        return rows, messages[-1].published_at if messages else None

    def publish(self, task: Task[Any, Any], argument: object, *, queue: str, at: datetime) -> None:
        """Put one message in, stamped with `at`, or raise BrokerAway within a second."""
        try:
            if self._producer is None:
                self._connection = self._app.connection_for_write()
                self._producer = Producer(self._connection)
            task.apply_async(
                args=(argument,),
                queue=queue,
                headers={PUBLISHED_AT: at.isoformat(), ROWS: str(rows_of(argument))},
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
