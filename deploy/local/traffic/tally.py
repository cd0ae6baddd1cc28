"""What the shoppers met, counted by all of them at once."""

from __future__ import annotations

import threading
from collections import Counter

PAGES, ERRORS, NOT_FOUND, ORDERS = "pages", "errors", "not found", "orders"
CONFIRMED, CANCELLED, NO_ANSWER = "confirmed", "cancelled", "no answer"
SHOWN = (PAGES, ORDERS, CONFIRMED, CANCELLED, NOT_FOUND, ERRORS, NO_ANSWER)


class Tally:
    """Counts by name, and how long pages took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._seconds: list[float] = []

    def add(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def page(self, status: int, seconds: float) -> None:
        self.add(PAGES)
        if status == 404:
            self.add(NOT_FOUND)
        elif status >= 500:
            self.add(ERRORS)
        with self._lock:
            self._seconds.append(seconds)

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._counts[name]

    def line(self) -> str:
        with self._lock:
            return "   ".join(f"{self._counts[name]} {name}" for name in SHOWN)

    def p95_seconds(self) -> float:
        """The time that one page in twenty took longer than; 0 without a page."""
        with self._lock:
            times = sorted(self._seconds)
        return times[len(times) * 95 // 100] if times else 0.0
