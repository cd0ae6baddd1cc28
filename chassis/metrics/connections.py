"""Connections that wait at the front door for their client: see chassis/front_door.py."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from chassis.metrics.series import begin_at_zero

WAITING = Gauge(
    "techcommerce_http_connections_waiting",
    "Connections that hold no thread: idle, or their client has yet to send or to take something.",
    multiprocess_mode="livesum",
)
DROPPED = Counter(
    "techcommerce_http_connections_dropped",
    "Connections ended in the middle of a request or an answer: deadline, full or memory.",
    ["reason"],
)
begin_at_zero(DROPPED, ("deadline", "full", "memory"))
