"""The shop's zone is for people: what machines write stays in UTC."""

from __future__ import annotations

import logging
import time

import pytest
from pytest_django import Settings

from chassis import logs


def test_logs_stay_in_utc(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"  # Django moves the whole process there
    assert time.localtime().tm_gmtoff == 5.5 * 3600
    logs.configuration(level="INFO", as_json=True, service="chassis")
    record = logging.makeLogRecord({"created": 0.0})
    written = logging.Formatter("%(asctime)s", "%Y-%m-%d %H:%M %z").format(record)
    assert written == "1970-01-01 00:00 +0000"
