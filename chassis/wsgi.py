"""The WSGI application of a service, fully imported before its first request."""

from __future__ import annotations

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver


def make_application(service: str) -> WSGIHandler:
    """Django for `service`. Views are imported here: a first request must not pay for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{service}.settings")
    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018  (the look imports every view)
    return application
