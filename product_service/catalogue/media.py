"""Pictures at /media/<sha256>.webp: named by their content, so they may be kept for ever."""

from __future__ import annotations

import re
from functools import lru_cache

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse

FOR_EVER = "public, max-age=31536000, immutable"
NAME = re.compile(r"[0-9a-f]{64}\.webp")
REMEMBERED = 256
REMEMBERED_BYTES = 32 * 1024  # a picture; larger ones are read again, so 8 MB is the most


def media(request: HttpRequest, name: str) -> HttpResponse:
    """The bytes of one picture; 304 without a look, since the bytes of a name never change."""
    if not NAME.fullmatch(name):
        raise Http404
    etag = f'"{name[:64]}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = HttpResponse(_small(name) or _read(name), content_type="image/webp")
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    return response


@lru_cache(maxsize=REMEMBERED)
def _small(name: str) -> bytes | None:
    """The bytes if they are few enough to be remembered."""
    data = _read(name)
    return data if len(data) <= REMEMBERED_BYTES else None


def _read(name: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise Http404 from None
