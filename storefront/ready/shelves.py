"""The kept pages of this process: of one version of the catalogue, for a while, up to some size."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from django.urls import ResolverMatch

from storefront.ready.addresses import Key
from storefront.ready.marks import Parts

# If the news of a change is lost with Redis, product_service may repeat an answer for 11 s, the
# navigation is 20 s old at most, and a page adds this.
KEPT_SECONDS = 10.0
OVERHEAD_BYTES = 2048  # of a page beside its text

MIB = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A page without its visitor, and what came with it."""

    parts: Parts
    headers: dict[str, str]
    match: ResolverMatch | None
    step: str
    version: str
    until: float = field(default_factory=lambda: time.monotonic() + KEPT_SECONDS)

    @property
    def size(self) -> int:
        return OVERHEAD_BYTES + sum(map(len, self.parts))


class Shelf:
    """Kept pages up to `most_bytes`; the one used longest ago goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._version = ""

    def find(self, key: Key, version: str) -> Kept | None:
        with self._lock:
            kept = self._pages.get(key)
            if kept is None or kept.version != version or kept.until < time.monotonic():
                return None
            self._pages.move_to_end(key)
            return kept

    def keep(self, key: Key, kept: Kept) -> None:
        with self._lock:
            if kept.version != self._version:
                self._empty()
                self._version = kept.version
            if former := self._pages.pop(key, None):
                self._bytes -= former.size
            self._pages[key] = kept
            self._bytes += kept.size
            while self._bytes > self._most_bytes:
                self._bytes -= self._pages.popitem(last=False)[1].size

    def empty(self) -> None:
        with self._lock:
            self._empty()

    def _empty(self) -> None:
        self._pages.clear()
        self._bytes = 0


# Whoever searches for one word after the other pushes out searches and nothing else.
_searches = Shelf(2 * MIB)
_others = Shelf(6 * MIB)


def shelf(key: Key) -> Shelf:
    """Where a page of that key is kept."""
    return _searches if key[2].startswith("/search/") else _others


def empty() -> None:
    for each in (_searches, _others):
        each.empty()
