"""What reaches Django's handler before any middleware could mend it, and what its logs tell."""

from __future__ import annotations

import io
import json
import logging
from logging import StreamHandler
from typing import Any

import pytest
from django.test import Client

from chassis.wsgi import make_application


def call(**environ: str) -> tuple[str, bytes]:
    """The status line and body of one request to the application of gunicorn."""
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        statuses.append(status)

    base = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/echo/",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    body = b"".join(make_application("chassis.tests")({**base, **environ}, start_response))
    return statuses[0], body


@pytest.mark.parametrize("charset", ["hex", "zlib", "rot13", "no-such", '"hex"', "a\0b"])
def test_a_charset_that_is_none_is_ignored(charset: str) -> None:
    status, _ = call(QUERY_STRING="q=a", CONTENT_TYPE=f"text/html; charset={charset}")
    assert status == "200 OK"


def test_a_real_charset_is_kept() -> None:
    status, _ = call(QUERY_STRING="q=a", CONTENT_TYPE="text/html; charset=latin-1")
    assert status == "200 OK"


def test_head_has_no_body() -> None:
    assert call(REQUEST_METHOD="HEAD", QUERY_STRING="q=a") == ("200 OK", b"")


def test_the_log_of_a_bug_holds_no_secret_of_the_address() -> None:
    (handler,) = [each for each in logging.getLogger().handlers if type(each) is StreamHandler]
    written = io.StringIO()
    before = handler.setStream(written)
    try:
        Client(raise_request_exception=False).get("/bug/?token=SECRET")
    finally:
        handler.setStream(before)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert "error" in [line["level"] for line in lines]
    assert "SECRET" not in written.getvalue()
