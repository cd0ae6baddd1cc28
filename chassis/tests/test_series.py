"""Series that exist before anything happened."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Counter

from chassis.metrics import connections
from chassis.metrics.series import begin_at_zero


def test_each_combination_of_labels_begins_at_zero() -> None:
    registry = CollectorRegistry()
    calls = Counter("calls_total", "Calls.", ["provider", "outcome"], registry=registry)
    begin_at_zero(calls, ["bank"], ("ok", "error"))
    counted = registry.get_sample_value
    assert counted("calls_total", {"provider": "bank", "outcome": "ok"}) == 0
    assert counted("calls_total", {"provider": "bank", "outcome": "error"}) == 0
    assert counted("calls_total", {"provider": "bank", "outcome": "timeout"}) is None


@pytest.mark.parametrize("reason", ["deadline", "full", "memory"])
def test_dropped_connections_are_told_before_there_are_any(reason: str) -> None:
    [metric] = connections.DROPPED.describe()
    assert REGISTRY.get_sample_value(f"{metric.name}_total", {"reason": reason}) is not None
