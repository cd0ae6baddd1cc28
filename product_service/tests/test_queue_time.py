"""The callers are ours, so the time at which they sent a request is believed."""

from __future__ import annotations

import time

from django.test import Client
from prometheus_client import REGISTRY

COUNT = "techcommerce_http_queue_seconds_count"


def test_a_callers_stamp_is_believed() -> None:
    before = REGISTRY.get_sample_value(COUNT) or 0
    Client().get("/nowhere", headers={"X-Request-Start": str(time.time() - 1)})
    assert REGISTRY.get_sample_value(COUNT) == before + 1
