"""What every request passes before it reaches a view."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import get_resolver
from django.utils.deprecation import MiddlewareMixin

from chassis import logs
from chassis.body_limits import body_limit
from chassis.error_handlers import answer
from chassis.errors import BadRequest, DomainError, TooLarge, as_domain_error

log = logs.get_logger("access")

MOST_FIELDS_IN_ADDRESS = 1000  # of forms, DATA_UPLOAD_MAX_NUMBER_FIELDS says it


class RequestIdMiddleware:
    """One id from the shopper's click to the mail: taken or minted, bound, returned, logged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        logs.clear()
        request_id = logs.set_request_id(request.META.get("HTTP_X_REQUEST_ID"))
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        match = request.resolver_match
        log.log(
            logging.WARNING if logs.is_refused() else logging.INFO,
            "request",
            method=request.method,
            view=match.view_name if match else None,
            status=response.status_code,
            duration_ms=round((time.monotonic() - started) * 1000, 1),
        )
        return response


class HeadersMiddleware(MiddlewareMixin):
    """One policy on every answer: our own origin only, nothing inline, in no frame.

    Answers without a Cache-Control of their own are private and are not stored.
    """

    POLICY = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response["Content-Security-Policy"] = self.POLICY
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class RequestShapeMiddleware(MiddlewareMixin):
    """Refuses malformed requests before a session or a cart is read.

    That is a foreign Host, more than 1,000 fields in the address, NUL bytes in path, query or
    cookies, and a body over the limit of `chassis.body_limits`, which was not even read.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        try:
            require_shape(request)
        except DomainError as error:
            return _refuse(request, error)
        return None


def is_sound(request: HttpRequest) -> bool:
    """Whether RequestShapeMiddleware lets the request pass."""
    try:
        require_shape(request)
    except (DomainError, SuspiciousOperation):
        return False
    return True


def require_shape(request: HttpRequest) -> None:
    """Raises DisallowedHost, TooManyFieldsSent, BadRequest and TooLarge."""
    request.get_host()
    if _has_nul(request):
        raise BadRequest("The address or a cookie holds a NUL byte.")
    if request.META.get("QUERY_STRING", "").count("&") >= MOST_FIELDS_IN_ADDRESS:
        raise TooManyFieldsSent("The address has too many fields.")
    limit = body_limit(request.path)
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise TooLarge(f"Send at most {limit // 1024} KiB.")


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponseBase:
    """The answer of the service's own handler400, for each has its own look."""
    logs.note_refusal(error.code, error.detail)
    handler: Any = get_resolver().resolve_error_handler(400)
    refusal: HttpResponseBase = handler(request, exception=error)
    return refusal


def _has_nul(request: HttpRequest) -> bool:
    """Cookies are looked at decoded: a quoted one may spell the byte as `\\000`."""
    return (
        "\0" in request.path
        or "%00" in request.META.get("QUERY_STRING", "")
        or any("\0" in value for value in request.COOKIES.values())
    )


class UnavailableMiddleware(MiddlewareMixin):
    """Plain Django views: a database that is away gives 503 + Retry-After, never a 500."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = as_domain_error(exception)
        return None if error is None else answer(request, error)
