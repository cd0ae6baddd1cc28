"""Nonsense costs one line of the log, of bounded size and without a traceback."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from chassis import logs
from chassis.tests import hostile


@pytest.mark.parametrize(("sent", "status"), hostile.ANYWHERE.values(), ids=hostile.ANYWHERE)
def test_nonsense_is_a_problem_and_one_short_warning(sent: hostile.Sent, status: int) -> None:
    with hostile.log_lines() as lines:
        response = hostile.answer_to(Client(), "/echo/", sent)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    hostile.assert_is_one_short_warning(lines)


def test_a_json_body_that_breaks_off_is_a_problem_and_one_short_warning() -> None:
    sent = {**hostile.post("{}", "application/json"), "wsgi.input": hostile.GONE}
    with hostile.log_lines() as lines:
        response = hostile.answer_to(Client(), "/cart/", sent)
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
    hostile.assert_is_one_short_warning(lines)


def test_a_good_request_is_no_warning_after_a_bad_one() -> None:
    Client().get("/echo/", headers={"Host": "evil.example"})
    with hostile.log_lines() as lines:
        Client().get("/echo/")
    (line,) = lines
    assert json.loads(line)["level"] == "info"
    assert "refused" not in json.loads(line)


def test_a_bug_still_has_its_traceback_and_its_path_is_cut() -> None:
    with hostile.log_lines() as lines:
        Client(raise_request_exception=False).get("/bug/?" + "x" * 9000)
    bug, access = (json.loads(line) for line in lines)
    assert "ZeroDivisionError" in bug["exception"]
    assert (access["event"], access["status"]) == ("request", 500)


def test_what_gunicorn_repeats_of_a_request_line_is_cut() -> None:
    record = logging.makeLogRecord({"msg": "Invalid request: %r", "args": ("\n" * 4000,)})
    assert logs.cut(record)
    assert len(record.getMessage()) == logs.LONGEST_TEXT
