"""Requests that no client of ours sends, for the tests of each service's refusals."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.test import Client

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
FIELDS = "&".join(f"p{number}=1" for number in range(1500))
MANY_FIELDS = "p=1&" * 20_500  # where forms are large
PART = '--x\r\nContent-Disposition: form-data; name="a{}"; filename="a{}"\r\n\r\n\r\n'
FILES = "".join(PART.format(number, number) for number in range(150)) + "--x--\r\n"
LONGEST_LINE = 2048  # bytes

Sent = dict[str, Any]


class BrokenOff:
    """A body whose sender has gone."""

    def read(self, *_: object) -> bytes:
        raise OSError("the connection was reset")

    readline = read


GONE = BrokenOff()


def post(body: str, kind: str = FORM, **more: Any) -> Sent:
    return {"method": "POST", "data": body, "content_type": kind, **more}


# What to send, and the status of the answer.
ANYWHERE: dict[str, tuple[Sent, int]] = {
    "foreign host": ({"HTTP_HOST": "evil.example"}, 400),
    "long foreign host": ({"HTTP_HOST": "evil." * 1500 + "example"}, 400),
    "host that is none": ({"HTTP_HOST": "\x01\n\u00e4/" * 900}, 400),
    "too many fields in the address": ({"QUERY_STRING": FIELDS}, 400),
    "NUL in the address": ({"QUERY_STRING": "q=%00"}, 400),
    "NUL in a cookie": ({"HTTP_COOKIE": 'a="\\000"'}, 400),
    "body over the limit": (post("x", CONTENT_LENGTH="30000000"), 413),
}
FORMS: dict[str, tuple[Sent, int]] = {
    "too many fields": (post(FIELDS), 400),
    "too many files": (post(FILES, MULTIPART), 400),
    "multipart without a boundary": (post("x", "multipart/form-data"), 400),
    "body that breaks off": ({**post("x"), "wsgi.input": GONE}, 400),
    "form in a foreign encoding": (post("a=1", FORM + "; charset=utf-16"), 400),
}


def answer_to(client: Client, path: str, sent: Sent) -> Any:
    return client.generic(path=path, **{"method": "GET", **sent})


@contextmanager
def log_lines() -> Iterator[list[str]]:
    """What the service's own handler writes meanwhile, line by line."""
    (handler,) = (
        each
        for each in logging.getLogger().handlers
        if type(each) is logging.StreamHandler and each.formatter is not None
    )
    lines: list[str] = []
    written, before = StringIO(), handler.setStream(StringIO())
    handler.setStream(written)
    try:
        yield lines
    finally:
        handler.setStream(before)
        lines += written.getvalue().splitlines()


def assert_is_one_short_warning(lines: list[str]) -> None:
    (line,) = lines
    assert len(line) < LONGEST_LINE
    told = json.loads(line)
    assert (told["logger"], told["event"], told["level"]) == ("access", "request", "warning")
    assert told["refused"]
    assert "Traceback" not in line
