"""Traffic at a steady rate: half of the visitors keep one connection, half open new ones.

The keepers are the harder half: a connection of theirs leads to one pod for as long as that lives.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from types import TracebackType

from tests.cluster.pages import PageFailed, Visitor, products

RATE = 24.0  # requests a second, by all visitors together
VISITORS = 12
ORDER_EVERY = 6  # visits
SHOWN_FAILURES = 10


class Traffic:
    """`with Traffic(url) as traffic:` visits from here to there; then its figures stand still."""

    def __init__(self, shop: str, *, rate: float = RATE, visitors: int = VISITORS) -> None:
        self.shop = shop
        self.orders: list[str] = []
        self.failures: list[str] = []
        self._times: list[float] = []
        self._products: Sequence[str] = ()
        self._pause = visitors / rate
        self._visitors = visitors
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._began = self._ended = 0.0
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Traffic:
        self._products = products(self.shop)
        assert self._products, "there is nothing to buy"
        self._began = time.monotonic()
        for number in range(self._visitors):
            thread = threading.Thread(target=self._visit, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._ended = time.monotonic()

    @property
    def count(self) -> int:
        return len(self._times)

    @property
    def per_second(self) -> float:
        return self.count / ((self._ended or time.monotonic()) - self._began)

    def percentile(self, share: float) -> float:
        """Seconds that this share of the requests was answered within."""
        times = sorted(self._times)
        return times[min(int(len(times) * share), len(times) - 1)] if times else 0.0

    def __str__(self) -> str:
        return (
            f"{self.count} requests at {self.per_second:.1f}/s, {len(self.failures)} failed, "
            f"p50 {self.percentile(0.5) * 1000:.0f} ms, p99 {self.percentile(0.99) * 1000:.0f} ms, "
            f"{len(self.orders)} orders"
        )

    def must_be_whole(self) -> None:
        """No request failed, and there were enough of them to say so."""
        print(f"\n    {self}")
        assert not self.failures, "\n".join(self.failures[:SHOWN_FAILURES])
        assert self.per_second >= 20.0

    def _visit(self, number: int) -> None:
        """Visit after visit; one in ORDER_EVERY buys."""
        chance = random.Random(number)
        keeps = number % 2 == 0
        visitor, visits = self._visitor(keeps), number
        while not self._stop.is_set():
            visits += 1
            if not keeps:
                visitor = self._visitor(keeps)
            try:
                if visits % ORDER_EVERY == 0:
                    number_of_order = visitor.order(self._products, chance)
                    with self._lock:
                        self.orders.append(number_of_order)
                else:
                    visitor.browse(self._products, chance)
            except PageFailed as failure:
                with self._lock:
                    self.failures.append(str(failure))

    def _visitor(self, keeps_connection: bool) -> Visitor:
        return Visitor(self.shop, self._note, keeps_connection=keeps_connection)

    def _note(self, seconds: float, wrong: str) -> None:
        """Called after each request: keeps its time and holds the rate."""
        with self._lock:
            self._times.append(seconds)
        self._stop.wait(max(self._pause - seconds, 0.0))
