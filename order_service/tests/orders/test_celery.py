"""What the worker's connection to Redis does while Redis is away."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from kombu import Consumer, Message
from kombu.exceptions import OperationalError

from order_service.celery import app
from order_service.pipeline.tasks import advance_orders
from tests.faults.proxy import Edge, Fault


def test_an_absent_broker_is_asked_every_second_however_long_it_stays_away() -> None:
    pauses: list[float] = []
    connection = app.connection_for_read("redis://127.0.0.1:9/0")  # discard: refuses at once
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda error, pause: pauses.append(pause), max_retries=2)
    assert pauses == [1.0, 1.0]


def test_an_ack_whose_answer_is_lost_leaves_room_for_the_next_message(queues: redis.Redis) -> None:
    taken: list[Message] = []
    with edge_before_redis() as (edge, url), app.connection_for_read(url) as connection:
        channel: Any = connection.channel()
        channel.basic_qos(prefetch_size=0, prefetch_count=1, apply_global=False)
        queue = app.amqp.queues["orders"]
        consumer = Consumer(channel, [queue], on_message=taken.append, accept=["json"])
        consumer.consume()
        advance_orders.apply_async(([],), queue="orders")
        connection.drain_events(timeout=10)
        assert not channel.qos.can_consume()
        edge.set(Fault("cut"))
        taken[0].ack_log_error(logging.getLogger(__name__), connection.connection_errors)
        assert channel.qos.can_consume()


@contextmanager
def edge_before_redis() -> Iterator[tuple[Edge, str]]:
    """An edge of the proxy, and the address of Redis behind it."""
    address = urlsplit(settings.REDIS_URL)
    edge, loop = Edge(address.port or 6379, "edge"), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = asyncio.start_server(edge.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(serving, loop).result(10)
    port = server.sockets[0].getsockname()[1]
    try:
        who = address.netloc.rpartition("@")[0]
        yield edge, address._replace(netloc=f"{who}@127.0.0.1:{port}").geturl()
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def end(server: asyncio.Server) -> None:
    """Ends the connections too: a loop that stops before them leaves coroutines behind."""
    server.close()
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for each in connections:
        each.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
