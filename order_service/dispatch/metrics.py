"""Metrics of the dispatcher: what it announced, and when its last turns succeeded."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from chassis.metrics.series import begin_at_zero

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
begin_at_zero(OUTBOX_PUBLISHED, TOPICS, ("ok", "error"))
