"""Metrics of the dispatcher: what it announced, and when its last turns succeeded."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

OUTBOX_PUBLISHED = Counter(
    "techcommerce_outbox_published_total",
    "Messages that the dispatcher sent; under load one carries several orders.",
    ["topic", "outcome"],
)
RELAY_SUCCESS = Gauge(
    "techcommerce_outbox_relay_last_success_timestamp_seconds",
    "When the dispatcher last did its round, with or without something to do.",
    multiprocess_mode="mostrecent",
)
RECONCILED = Gauge(
    "techcommerce_invariant_last_run_timestamp_seconds",
    "When the books were last compared.",
    multiprocess_mode="mostrecent",
)

TOPICS = ("orders", "notifications", "owner")


def touch() -> None:
    """Begin every series at 0: an increase of one that is born later cannot be seen."""
    for topic in TOPICS:
        for outcome in ("ok", "error"):
            OUTBOX_PUBLISHED.labels(topic, outcome)


touch()
