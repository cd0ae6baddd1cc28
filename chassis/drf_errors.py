"""What Django REST framework refuses, in the shape of every other problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import exceptions as drf

from chassis.errors import (
    DomainError,
    Forbidden,
    NotFound,
    TooManyRequests,
    Unauthorized,
    as_domain_error,
    problem,
)


class MalformedJson(DomainError):
    """The body is not JSON. Check its syntax and send it as UTF-8."""

    status, code, title = 400, "malformed_json", "Malformed JSON"


class MethodNotAllowed(DomainError):
    """This URL does not accept the method. The header Allow lists those that it does."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class NotAcceptable(DomainError):
    """Answers are JSON. Send `Accept: application/json`, or no such header."""

    status, code, title = 406, "not_acceptable", "Not acceptable"


class UnsupportedMediaType(DomainError):
    """Bodies are JSON. Send `Content-Type: application/json`."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


KINDS: Mapping[int, type[DomainError]] = {
    each.status: each
    for each in (
        *(Unauthorized, Forbidden, NotFound),
        *(MethodNotAllowed, NotAcceptable, UnsupportedMediaType, TooManyRequests),
    )
}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None for a bug: Django then logs it and answers 500."""
    error = as_domain_error(exc)
    if error is None and isinstance(exc, drf.APIException):
        error = _from_drf(exc)
    return None if error is None else problem(error, instance=context["request"].path)


def _from_drf(exc: drf.APIException) -> DomainError:
    kind = MalformedJson if isinstance(exc, drf.ParseError) else KINDS.get(exc.status_code)
    error = (kind or DomainError)(str(exc.detail))
    error.status = exc.status_code
    if challenge := getattr(exc, "auth_header", None):
        error.headers["WWW-Authenticate"] = str(challenge)
    if wait := getattr(exc, "wait", None):
        error.headers["Retry-After"] = str(int(wait) + 1)
    return error
