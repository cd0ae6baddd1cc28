"""A circuit breaker: stop asking a service that is known to be away, and notice its return."""

from __future__ import annotations

import threading
import time

from prometheus_client import Gauge

CIRCUIT_OPEN = Gauge(
    "techcommerce_upstream_circuit_open",
    "1 while calls are not even tried.",
    ["upstream"],
    multiprocess_mode="livemax",
)

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 0.5


class Breaker:
    """Closed until FAILURES_TO_OPEN failures in a row; then open, with a probe each OPEN_SECONDS.

    It counts calls, whether a call is about one order or about many.

    Calls that were sent before it opened may fail up to a deadline later. Such a failure does not
    keep it open any longer; see docs/decisions/0009-a-breaker-looks-often.md.
    """

    def __init__(self, upstream: str) -> None:
        self._gauge = CIRCUIT_OPEN.labels(upstream)
        self._gauge.set(0)
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES_TO_OPEN

    def allows(self) -> bool:
        """Whether a call may be made now; while it is open, one call each OPEN_SECONDS may."""
        if not self.is_open:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._retry_at:
                return False
            self._retry_at = now + OPEN_SECONDS
            return True

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0
                self._gauge.set(0)

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._gauge.set(self.is_open)
            if self._failures == FAILURES_TO_OPEN:
                self._retry_at = time.monotonic() + OPEN_SECONDS
