"""The current version of the catalogue: product_service is asked at most once a second.

What was made of the catalogue is good as long as the version is the same; see storefront.ready.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from chassis.http import UpstreamError
from storefront.clients import products

ASK_SECONDS = 1.0
GOOD_SECONDS = 1.5  # so that nobody else waits for the one who asks


@dataclass(frozen=True)
class _Said:
    version: str | None
    asked_at: float  # the change that a question misses comes after it


_asking = threading.Lock()
_said = _Said(None, float("-inf"))


def current() -> str | None:
    """The version, or None while nobody can say.

    One caller a second waits for product_service, for products.VERSION_SECONDS at most.
    """
    if _is_due() and _asking.acquire(blocking=False):
        try:
            if _is_due():  # still: another thread may just have asked
                _ask()
        finally:
            _asking.release()
    return known()


def known() -> str | None:
    """The version if it is known without asking."""
    said = _said
    return said.version if time.monotonic() - said.asked_at < GOOD_SECONDS else None


def forget() -> None:
    """Ask again before anything else is said."""
    global _said
    _said = _Said(None, float("-inf"))


def _is_due() -> bool:
    return time.monotonic() - _said.asked_at >= ASK_SECONDS


def _ask() -> None:
    global _said
    asked_at = time.monotonic()
    try:
        version = products.catalogue_version()
    except UpstreamError:  # away, or of a release that has no versions
        version = None
    _said = _Said(version, asked_at)
