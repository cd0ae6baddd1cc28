"""Series that exist before anything happened."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from prometheus_client.metrics import MetricWrapperBase


def begin_at_zero(metric: MetricWrapperBase, *values: Iterable[str]) -> None:
    """Begin a series for each combination of the `values` of the metric's labels.

    Prometheus cannot see the first increase of a series that begins with it.
    """
    for labels in product(*values):
        metric.labels(*labels)
