"""Error pages in the shop's look: 400, CSRF, 404, 405, 413, 500, and for a service that is away."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string

from chassis.errors import TooLarge, as_domain_error
from chassis.http import Unavailable, UpstreamError
from chassis.logs import get_logger, request_id
from chassis.lost_database import lost_database
from storefront.catalogue import reading
from storefront.clients.product_answers import Card
from storefront.ready.visitor import theme_of

log = get_logger(__name__)

RETRY_AFTER_SECONDS = "5"
SUGGESTIONS = 4
WORD = re.compile(r"[a-z0-9äöüß]{3,30}", re.IGNORECASE)


class ErrorPagesMiddleware:
    """Pages that Django has no handler for: a service or the database away, a form's address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        # The address of a form, opened as if it were a page: a restored tab, for example.
        page = _frameless(request, 405)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Unavailable():
                return degraded(request, exception.upstream)
            case _ if lost := lost_database(exception):
                return database_away(request, lost)
            case UnreadablePostError():
                return bad_request(request, exception)
            case _:
                return None


def degraded(request: HttpRequest, what: str) -> HttpResponse:
    """503 that says what is away in the shopper's words and what still works."""
    response = render(request, "errors/degraded.html", {"what": what}, status=503)
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def database_away(request: HttpRequest, error: BaseException) -> HttpResponse:
    log.error("database unavailable", error=str(error).strip())
    return degraded(request, "database")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, 413 for a body over the limit, 503 for a session that the database could not take."""
    if lost := lost_database(exception):
        return database_away(request, lost)
    error = as_domain_error(exception) if exception else None
    return _frameless(request, 413 if isinstance(error, TooLarge) else 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: cookies blocked, or a page that was open for very long."""
    return _frameless(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 with products that match the words of the address, or with the list's first page."""
    if isinstance(exception, reading.NoSuchPage):
        return render(request, "errors/no_such_page.html", status=404)
    words = " ".join(WORD.findall(request.path.rsplit("/p/", 1)[-1])[:6])
    found = {"words": words, "suggestions": _suggestions(words)}
    return render(request, "errors/404.html", found, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with the request id; rendered without any call, for whatever broke may break it too.

    503 if a middleware lost the database: sessions are saved when no view is left to tell.
    """
    if lost := lost_database(sys.exception()):
        return database_away(request, lost)
    return _frameless(request, 500)


def _frameless(request: HttpRequest, status: int) -> HttpResponse:
    """A page without the frame, which would call product_service."""
    context = {"theme": theme_of(request), "request_id": request_id()}
    page = render_to_string(f"errors/frameless_{status}.html", context)
    return HttpResponse(page, status=status)


def _suggestions(words: str) -> tuple[Card, ...]:
    if not words:
        return ()
    try:
        return reading.search(q=words, page_size=SUGGESTIONS).items
    except (UpstreamError, Http404):
        return ()
