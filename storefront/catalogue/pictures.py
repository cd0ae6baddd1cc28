"""Pictures, passed through from product_service: their name is the hash of their bytes."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chassis.http import Refused, Unavailable
from storefront.clients import products

# Kept in this process, so that an outage leaves the shop its pictures: some 1,300 of 6 KB.
MOST_BYTES = 8 * 1024 * 1024
FOREVER = "public, max-age=31536000, immutable"

_lock = threading.Lock()
_kept: OrderedDict[str, bytes] = OrderedDict()  # the one used longest ago comes first


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


def forget() -> None:
    """Drop the pictures of this process."""
    with _lock:
        _kept.clear()


def _bytes(sha: str) -> bytes:
    with _lock:
        if sha in _kept:
            _kept.move_to_end(sha)
            return _kept[sha]
    content = _ask(sha)
    _keep(sha, content)
    return content


def _ask(sha: str) -> bytes:
    try:
        content = products.picture(f"{sha}.webp").content
    except Refused as refusal:
        raise Http404 from refusal
    if hashlib.sha256(content).hexdigest() != sha:
        raise Unavailable(products.UPSTREAM, "malformed")
    return content


def _keep(sha: str, content: bytes) -> None:
    with _lock:
        _kept[sha] = content
        size = sum(map(len, _kept.values()))
        while size > MOST_BYTES:
            _, dropped = _kept.popitem(last=False)
            size -= len(dropped)
