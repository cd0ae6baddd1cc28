"""The WSGI application of a service, fully imported before its first request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver


def make_application(service: str) -> WSGIApplication:
    """Django for `service`. Views are imported here: a first request must not pay for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{service}.settings")
    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018  (the look imports every view)
    return BodilessHead(SaneCharset(application))


class BodilessHead:
    """Answers HEAD with the headers of GET alone; gunicorn warns of each body that it must drop."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return answer
        if close := getattr(answer, "close", None):
            close()
        return ()


class SaneCharset:
    """Drops a charset that is no encoding of text: Django would die on it before any middleware.

    `Content-Type: text/html; charset=hex` raises LookupError when the query string is read.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        kind, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        charset = parameters.partition("charset=")[2].strip(" \"'").split(";")[0]
        if charset and not _is_text_encoding(charset):
            environ["CONTENT_TYPE"] = kind
        return self.application(environ, start_response)


def _is_text_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True
