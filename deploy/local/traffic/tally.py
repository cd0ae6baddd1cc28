"""What the shoppers met, counted by all of them at once."""

from __future__ import annotations

from collections import Counter

PAGES, ERRORS, NOT_FOUND, ORDERS = "pages", "errors", "not found", "orders"
CONFIRMED, CANCELLED, NO_ANSWER = "confirmed", "cancelled", "no answer"
SHOWN = (PAGES, ORDERS, CONFIRMED, CANCELLED, NOT_FOUND, ERRORS, NO_ANSWER)


class Tally:
    """Counts by name, and how long pages took. Threads only append, which needs no lock."""

    def __init__(self) -> None:
        self._met: list[str] = []
        self._seconds: list[float] = []

    def add(self, name: str) -> None:
        self._met.append(name)

    def page(self, status: int, seconds: float) -> None:
        self.add(PAGES)
        if status == 404:
            self.add(NOT_FOUND)
        elif status >= 500:
            self.add(ERRORS)
        self._seconds.append(seconds)

    def __getitem__(self, name: str) -> int:
        return self._met.count(name)

    def line(self) -> str:
        counts = Counter(self._met)
        return "   ".join(f"{counts[name]} {name}" for name in SHOWN)

    def p95_seconds(self) -> float:
        """The time that one page in twenty took longer than; 0 without a page."""
        times = sorted(self._seconds)
        return times[len(times) * 95 // 100] if times else 0.0
