"""Answers home, category, product and search pages from ready bytes.

    asked for         a kept page of the current version?   yes: fill in the marks
    by GET or HEAD,                                         no:  the view makes it; it is kept if
    without notices                                              all its answers had that version

It stands behind the middleware that gives every answer its line in the log and its metrics, and
before all that a ready page has no use for: a kept page has the headers of its first answer, and
what would be refused for its shape is left to the middleware that refuses. An answer of
product_service may be a second older than the version that is current; a page made of it is shown
once and not kept. While product_service cannot say its version, every page is made anew.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from chassis.middleware import is_sound
from storefront import catalogue_version, flash, metrics
from storefront.clients import made_of
from storefront.ready import addresses, marks
from storefront.ready.pages import ReadyPage
from storefront.ready.shelves import Kept, shelf
from storefront.ready.visitor import csrf, give_secret


class ReadyPagesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = None if flash.has_notices(request) else addresses.asked_for(request)
        version = None if key is None else catalogue_version.current()
        if key is None or version is None:
            return self.get_response(request)
        kept = shelf(key).find(key, version)
        if kept and is_sound(request):
            return self._answer(request, kept)
        with made_of.versions() as versions:
            response = self.get_response(request)
        if isinstance(response, ReadyPage) and versions == {version}:
            _keep(request, response, version)
        return response

    def _answer(self, request: HttpRequest, kept: Kept) -> HttpResponseBase:
        request.resolver_match = kept.match  # the access log and the metrics name the view
        if kept.step:
            metrics.step(request, kept.step)
        csrf.process_request(request)  # reads the visitor's secret
        page = marks.filled(kept.parts, request)
        response = HttpResponse(page, headers={**kept.headers, "Content-Length": str(len(page))})
        give_secret(request, response)
        return response


def _keep(request: HttpRequest, response: ReadyPage, version: str) -> None:
    is_for_all = response.cookies.keys() <= {settings.CSRF_COOKIE_NAME}
    if response.key is None or response.status_code != 200 or not is_for_all:
        return
    kept = Kept(
        response.parts, dict(response.headers), request.resolver_match, response.step, version
    )
    shelf(response.key).keep(response.key, kept)
