"""Pictures, passed through from product_service: their name is the hash of their bytes."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chassis.http import Refused, Unavailable
from storefront.clients import products

KEPT = 400  # in this process, about 6 KB each, so that an outage leaves the shop its pictures
FOREVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, sha: str) -> HttpResponse:
    """The picture for ever; a browser that has it already is told so without asking anyone."""
    etag = f'"{sha}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(_bytes(sha), content_type="image/webp")
    response["ETag"] = etag
    response["Cache-Control"] = FOREVER
    return response


@lru_cache(maxsize=KEPT)
def _bytes(sha: str) -> bytes:
    try:
        content = products.picture(f"{sha}.webp").content
    except Refused as refusal:
        raise Http404 from refusal
    if hashlib.sha256(content).hexdigest() != sha:
        raise Unavailable(products.UPSTREAM, "malformed")
    return content
