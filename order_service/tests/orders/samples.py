"""What Prometheus would read now."""

from __future__ import annotations

from typing import Any

Samples = dict[tuple[str, ...], float]


def samples(families: Any) -> Samples:
    """By name and label values: `("celery_queue_length", "orders")`."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }
