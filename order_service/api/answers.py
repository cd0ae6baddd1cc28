"""JSON answers as ready bytes, with an ETag where a client may ask again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from django.http import HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request


def answer(
    body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """`body` as JSON. Answers about orders are private and never kept by a cache."""
    return HttpResponse(
        orjson.dumps(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "private, no-cache", **(headers or {})},
    )


def answer_with_etag(request: Request, body: object, *, headers: Mapping[str, str]) -> HttpResponse:
    """As `answer`, or 304 without a body if the client has these very bytes."""
    response = answer(body, headers=headers)
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in known or "*" in known:
        kept = {"Cache-Control": "private, no-cache", **headers}
        response = HttpResponse(status=304, headers=kept)
    response["ETag"] = etag
    return response
