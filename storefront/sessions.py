"""Sessions in the database, which may be away when one has to be saved."""

from __future__ import annotations

from django.contrib.sessions import middleware
from django.db import Error
from django.http import HttpRequest, HttpResponse

from chassis.errors import is_database_away
from storefront.errors import database_away


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's own. It saves after the view, where `process_exception` sees no error any more."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except Error as error:
            if not is_database_away(error):
                raise
            return database_away(request, error)
