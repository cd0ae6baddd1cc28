"""Figures that are looked up when somebody asks, such as the length of a queue.

DEPTH = Figure("celery_queue_length", "Messages that wait.", ("queue_name",))
serve(Figures(lambda: [DEPTH.of({("orders",): 12})]))
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import Error, connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from chassis import logs

log = logs.get_logger(__name__)

DECLARED: set[str] = set()  # the names of all figures


@dataclass(frozen=True)
class Figure:
    """A gauge without a memory."""

    name: str
    text: str
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        DECLARED.add(self.name)

    def of(self, values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
        """The figure's values by label values; `{(): 1}` for one without labels."""
        family = GaugeMetricFamily(self.name, self.text, labels=self.labels)
        for labels, value in values.items():
            family.add_metric(labels, value)
        return family


class Figures(Collector):
    """What `read` finds, looked up every `seconds` at most.

    While the database or Redis is away there are no values: an old one would look current.
    """

    def __init__(
        self, read: Callable[[], Iterable[GaugeMetricFamily]], *, seconds: float = 0
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = threading.Lock()
        self._families: list[GaugeMetricFamily] = []
        self._read_again_at = 0.0

    def collect(self) -> list[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() >= self._read_again_at:
                try:
                    self._families = list(self._read())
                except (Error, RedisError) as error:
                    log.warning("figures cannot be read", error=str(error).strip())
                    self._families = []
                finally:
                    connection.close()  # a scrape has a thread of its own, and so a connection
                self._read_again_at = time.monotonic() + self._seconds
            return self._families
