"""What a line of the log looks like, for machines and for people."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.models import TextChoices

from chassis import logs

WRITTEN = {"logger": "shop.till", "level": "warning", "event": "till is open", "by": "ada\n"}


@pytest.fixture(params=["json", "readable"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    as_json = request.param == "json"
    configuration = logs.configuration(level="INFO", as_json=as_json, service="chassis")
    logging.config.dictConfig(configuration)
    (handler,) = (
        each
        for each in logging.getLogger().handlers
        if each.formatter is not None and isinstance(each.formatter, logs.LineFormatter)
    )
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(io.StringIO())
    yield handler.stream
    logs.clear()
    logging.config.dictConfig(settings.LOGGING)


def test_a_line_has_what_was_bound_and_what_it_says(written: io.StringIO) -> None:
    logs.clear()
    logs.bind(request_id="click-0815")
    logs.get_logger("shop.till").warning("till is open", by="ada\n", notes="x" * 9000)
    logging.getLogger("a.library").warning("closed %d times", 3, extra={"request": "secret"})
    ours, theirs = written.getvalue().splitlines()
    assert "secret" not in theirs
    assert len(ours) < 800
    for line in (ours, theirs):
        assert "click-0815" in line
    if ours.startswith("{"):
        assert {**json.loads(ours), **WRITTEN} == json.loads(ours)
        assert json.loads(theirs)["event"] == "closed 3 times"
    else:
        assert "[warning ] till is open                   [shop.till] " in ours
        assert " by='ada\\n' " in ours
        assert "closed 3 times" in theirs


class Till(TextChoices):
    OPEN = "open"


def test_a_choice_is_told_by_its_value(written: io.StringIO) -> None:
    logs.get_logger("shop.till").info("till moved", after=Till.OPEN)
    assert "Till" not in written.getvalue()
    assert ("after='open'" in written.getvalue()) or ('"after": "open"' in written.getvalue())


def test_a_traceback_is_written(written: io.StringIO) -> None:
    try:
        raise RuntimeError("the till is stuck")
    except RuntimeError:
        logs.get_logger("shop.till").exception("till is closed")
        logging.getLogger("a.library").exception("also closed")
    assert written.getvalue().count("RuntimeError: the till is stuck") == 2
    assert written.getvalue().count("error") >= 2
