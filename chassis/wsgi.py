"""The WSGI application of a service, fully imported before its first request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver


def make_application(service: str) -> WSGIApplication:
    """Django for `service`. Views are imported here: a first request must not pay for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{service}.settings")
    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018  (the look imports every view)
    return bodiless_head(sane_charset(application))


def bodiless_head(application: WSGIApplication) -> WSGIApplication:
    """Answers HEAD with the headers of GET alone; gunicorn warns of each body that it must drop."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return found
        if close := getattr(found, "close", None):
            close()
        return ()

    return answer


def sane_charset(application: WSGIApplication) -> WSGIApplication:
    """Drops a charset that is no encoding of text: Django would die on it before any middleware.

    `Content-Type: text/html; charset=hex` raises LookupError when the query string is read.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kind, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        charset = parameters.partition("charset=")[2].strip(" \"'").split(";")[0]
        try:
            "".encode(charset or "ascii")
        except (LookupError, ValueError):
            environ["CONTENT_TYPE"] = kind
        return application(environ, start_response)

    return answer
