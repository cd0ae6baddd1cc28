"""How long a request waited for a thread, by the stamp of its caller."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import Settings

import chassis.metrics.http  # noqa: F401  (declares the metric)

QUEUE = "techcommerce_http_queue_seconds"


def test_the_wait_for_a_thread_is_what_passed_since_the_callers_stamp(
    settings: Settings,
) -> None:
    settings.CALLERS_STAMP_REQUESTS = True
    before = [queue_value(each) for each in ("count", "sum", "bucket")]
    assert ask_stamped(f"{time.time() - 3:.6f}") == 200
    count, seconds, under_5 = (
        queue_value(each) - was
        for each, was in zip(("count", "sum", "bucket"), before, strict=True)
    )
    assert (count, under_5) == (1, 1)
    assert 3 <= seconds < 4


@pytest.mark.parametrize("stamp", ["", "soon", "nan", "inf", "-inf", "t=1", "9" * 400])
def test_a_stamp_that_is_no_time_is_ignored(settings: Settings, stamp: str) -> None:
    settings.CALLERS_STAMP_REQUESTS = True
    before = queue_value("count")
    assert ask_stamped(stamp) == 200
    assert queue_value("count") == before


@pytest.mark.parametrize("ago", [-5, 61], ids=["future", "stale"])
def test_a_stamp_of_another_time_is_ignored(settings: Settings, ago: int) -> None:
    settings.CALLERS_STAMP_REQUESTS = True
    before = queue_value("count")
    assert ask_stamped(str(time.time() - ago)) == 200
    assert queue_value("count") == before


def test_where_anybody_may_call_no_stamp_is_believed() -> None:
    before = queue_value("count")
    assert ask_stamped(str(time.time() - 3)) == 200
    assert queue_value("count") == before


def ask_stamped(stamp: str) -> int:
    return Client().get("/echo/", headers={"X-Request-Start": stamp}).status_code


def queue_value(part: str) -> float:
    labels = {"le": "5.0"} if part == "bucket" else {}
    value = REGISTRY.get_sample_value(f"{QUEUE}_{part}", labels)
    assert value is not None
    return value
