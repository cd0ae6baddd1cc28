"""The time that one page may take: calls to other services share it, so pages stay under 2 s.

Each call has a deadline of its own. On a page with several calls the later ones get what the
earlier ones left, so one slow service cannot add its deadline up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

PAGE_SECONDS = 1.85
LEAST_SECONDS = 0.02  # a call with nothing left still gets a chance to find an open breaker

_ends_at: ContextVar[float | None] = ContextVar("page_ends_at", default=None)


class PageBudgetMiddleware:
    """Starts the clock of a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _ends_at.set(time.monotonic() + PAGE_SECONDS)
        try:
            return self.get_response(request)
        finally:
            _ends_at.reset(token)


def within(seconds: float) -> float:
    """`seconds`, or what is left of the page's time if that is less."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return seconds
    return max(min(seconds, ends_at - time.monotonic()), LEAST_SECONDS)
