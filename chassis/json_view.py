"""Calls that take JSON and answer JSON, without what DRF does for all other kinds of content.

The usual call is answered here. Whatever is unusual about one (its method, a media type or charset,
a body that is no JSON) is left to DRF, which answers it or says what is wrong. Who calls, and
whether they may, is asked as DRF asks it.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.drf_errors import exception_handler

JSON = "application/json"
METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


class JsonView(APIView):
    """DRF's view. The data of its answers is what JSON knows; no throttle is asked."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        call: Request | None = None
        try:
            call = self._usual(request)
            if call is None:
                return super().dispatch(request, *args, **kwargs)
            self.request = call
            call.user  # noqa: B018  (the look authenticates)
            self.check_permissions(call)
            answer = getattr(self, str(request.method).lower())(call, *args, **kwargs)
        except Exception as error:
            # As DRF does it: what is no refusal goes on to Django, which logs it.
            refusal = exception_handler(error, {"request": call or request})
            if refusal is None:
                raise
            return refusal
        if isinstance(answer, Response):
            content = b"" if answer.data is None else orjson.dumps(answer.data)
            return HttpResponse(
                content,
                status=answer.status_code,
                headers=dict(answer.items()) | {"Content-Type": JSON},
            )
        return answer  # type: ignore[no-any-return]  # of the method that was asked for

    def _usual(self, request: HttpRequest) -> Request | None:
        """The request as DRF gives it to a method, or None."""
        meta, method = request.META, str(request.method)
        if (
            method not in METHODS
            or not hasattr(self, method.lower())
            or meta.get("HTTP_ACCEPT", JSON) not in (JSON, "*/*")
            or "format" in meta.get("QUERY_STRING", "")  # which may choose another renderer
        ):
            return None
        data: Any = {}
        if meta.get("CONTENT_LENGTH", "") not in ("", "0"):
            if meta.get("CONTENT_TYPE") != JSON:
                return None
            try:
                data = orjson.loads(request.body)
            except ValueError:
                return None
        call = Request(request, authenticators=self.get_authenticators())
        vars(call)["_full_data"] = data  # where DRF keeps what it has parsed
        return call
