"""What the worker's connection to Redis does while Redis is away."""

from __future__ import annotations

import pytest
from kombu.exceptions import OperationalError

from order_service.celery import app


def test_an_absent_broker_is_asked_every_second_however_long_it_stays_away() -> None:
    pauses: list[float] = []
    connection = app.connection_for_read("redis://127.0.0.1:9/0")  # discard: refuses at once
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda error, pause: pauses.append(pause), max_retries=2)
    assert pauses == [1.0, 1.0]
