"""What Django REST framework reads and refuses, in the shape of every other problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpResponse
from rest_framework import exceptions as drf
from rest_framework import parsers

from chassis.errors import DomainError, Forbidden, NotFound, Unauthorized, as_domain_error, problem


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


class JSONParser(parsers.JSONParser):
    """Refuses what Python cannot decode for its depth, for example 30,000 `[`, with a 400."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise drf.ParseError("The body is nested too deeply.") from None


KINDS: Mapping[int, type[DomainError]] = {
    each.status: each
    for each in (
        *(Unauthorized, Forbidden, NotFound),
        *(MethodNotAllowed, NotAcceptable, UnsupportedMediaType),
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
    return error
