"""Calls to other services, as their caller sees them."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

# Histograms by outcome are not born before their first call: all of them would be 1,500 series.
SECONDS = Histogram(
    "techcommerce_upstream_request_seconds",
    "Calls, repeats included; outcome: ok, 4xx, 5xx, timeout, connect, open.",
    ["upstream", "operation", "outcome"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10],
)
RETRIES = Counter(
    "techcommerce_upstream_retries_total", "Calls that were repeated.", ["upstream", "operation"]
)
CIRCUIT_OPEN = Gauge(
    "techcommerce_upstream_circuit_open",
    "1 while calls are not even tried.",
    ["upstream"],
    multiprocess_mode="livemax",
)
