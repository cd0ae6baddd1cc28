"""product_service grows with its load and shrinks after it, without going back and forth."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable

from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl
from tests.cluster.pages import PageFailed, Visitor

LEAST, WANTED = 2, 6
VISITORS = 24
GROWING_SECONDS = 360.0
STEADY_SECONDS = 120.0
SHRINKING_SECONDS = 1200.0
WORDS = ("lamp", "laptop", "cable", "speaker", "phone", "chair", "display", "keyboard")

Step = tuple[float, int]  # seconds since the beginning, wanted replicas


def test_grows_under_load_and_shrinks_after_it(healthy: Shop, kubectl: Kubectl) -> None:
    kubectl.wait_for_replicas("product-service", LEAST, seconds=SHRINKING_SECONDS)
    began = time.monotonic()
    with Searching(healthy.url):
        grown = watch(kubectl, began, lambda now: now >= WANTED, GROWING_SECONDS)
        held = watch(kubectl, began, lambda now: False, STEADY_SECONDS)
    shrunk = watch(kubectl, began, lambda now: now == LEAST, SHRINKING_SECONDS)
    for title, steps in (("grew", grown), ("held", held), ("shrank", shrunk)):
        told = ", ".join(f"{count} after {seconds:.0f} s" for seconds, count in steps)
        print(f"    {title}: {told}")
    counts = [count for _, count in grown + held]
    assert max(counts) >= WANTED
    assert counts == sorted(counts), "it shrank under load"
    counts = [count for _, count in shrunk]
    assert counts[-1] == LEAST
    assert counts == sorted(counts, reverse=True), "it grew without load"


def watch(
    kubectl: Kubectl, began: float, is_enough: Callable[[int], bool], seconds: float
) -> list[Step]:
    """Each change of the wanted number of pods, until it is enough or the time is over."""
    steps: list[Step] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        now = kubectl.replicas("product-service")
        if not steps or steps[-1][1] != now:
            steps.append((time.monotonic() - began, now))
        if is_enough(now):
            break
        time.sleep(3)
    return steps


class Searching:
    """Visitors who search as fast as they are answered: work for product_service each time."""

    def __init__(self, shop: str) -> None:
        self._shop = shop
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._search, args=(number,), daemon=True)
            for number in range(VISITORS)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _search(self, number: int) -> None:
        chance = random.Random(number)
        visitor = Visitor(self._shop, lambda seconds, wrong: None, keeps_connection=True)
        for page in itertools.count():
            if self._stop.is_set():
                return
            word = chance.choice(WORDS)
            try:
                visitor.open(f"/search/?q={word}+{page % 50}&page={page % 3 + 1}", "<h1")
            except PageFailed:
                time.sleep(0.5)
