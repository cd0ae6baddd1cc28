"""Requests, under the names that django-prometheus gave them and its dashboards know.

Its own middleware writes 14 series a request, makes a label of every method that a client invents
and observes a view that raises twice. This one stands before all others that answer, so ready
answers, refusals and static files count as well; the probes are answered before it.

This process cannot measure how long a request waited for a free thread, so the caller sends the
time in `X-Request-Start: 1764123456.789012`, seconds since 1970. Anybody could send the header, so
it counts only where the settings say CALLERS_STAMP_REQUESTS: every caller is ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django_prometheus.conf import PROMETHEUS_LATENCY_BUCKETS
from prometheus_client import Counter, Gauge, Histogram

REQUEST_START = "X-Request-Start"
STAMP = "HTTP_X_REQUEST_START"  # request.headers would be made of all of them, for each request
LONGEST_WAIT_SECONDS = 60.0  # no call of ours lasts that long: such a stamp is no measurement
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

RESPONSES = Counter(
    "django_http_responses_total_by_status_view_method",
    "Answers to requests.",
    ["status", "view", "method"],
)
LATENCY = Histogram(
    "django_http_requests_latency_seconds_by_view_method",
    "From the first middleware to the answer; waiting for a free thread is not in it.",
    ["view", "method"],
    buckets=PROMETHEUS_LATENCY_BUCKETS,
)
EXCEPTIONS = Counter(
    "django_http_exceptions_total_by_type", "Exceptions that no view answered for.", ["type"]
)
IN_PROGRESS = Gauge(
    "techcommerce_http_inprogress", "Requests being answered.", multiprocess_mode="livesum"
)

QUEUE_SECONDS = Histogram(
    "techcommerce_http_queue_seconds",
    "From the caller's stamp to the first middleware: the wait for a free thread.",
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


class MetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.believes_stamps: bool = getattr(settings, "CALLERS_STAMP_REQUESTS", False)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.believes_stamps:
            _observe_queue(request.META.get(STAMP, ""))
        began = time.perf_counter()
        IN_PROGRESS.inc()
        try:
            response = self.get_response(request)
        finally:
            IN_PROGRESS.dec()
        method = request.method if request.method in METHODS else "<invalid method>"
        responses, latency = _series(response.status_code, _view(request), method)
        responses.inc()
        latency.observe(time.perf_counter() - began)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        EXCEPTIONS.labels(type(exception).__name__).inc()


def _observe_queue(stamp: str) -> None:
    """Nothing for what is no number, in the future (two machines' clocks differ) or too old."""
    try:
        waited = time.time() - float(stamp)
    except ValueError:
        return
    if 0 <= waited <= LONGEST_WAIT_SECONDS:  # NaN is neither
        QUEUE_SECONDS.observe(waited)


@cache
def _series(status: int, view: str, method: str) -> tuple[Counter, Histogram]:
    """Kept, for finding one by its labels takes longer than counting in it."""
    return RESPONSES.labels(status, view, method), LATENCY.labels(view, method)


def _view(request: HttpRequest) -> str:
    """The route's name. The back office counts as one view: it has a hundred, rarely used."""
    match = request.resolver_match
    name = match.view_name if match else "<unnamed view>"
    return "admin" if name.startswith("admin:") else name
