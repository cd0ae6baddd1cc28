"""Pictures, passed through from product_service: their name is the hash of their bytes."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
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
    known = get_conditional_response(request, etag=etag)
    response = known or HttpResponse(_bytes(sha), content_type="image/webp")
    response["ETag"] = etag
    response["Cache-Control"] = FOREVER
    return response


def _bytes(sha: str) -> bytes:
    with _lock:
        if sha in _kept:
            _kept.move_to_end(sha)
            return _kept[sha]
    try:
        content = products.picture(f"{sha}.webp").content
    except Refused as refusal:
        raise Http404 from refusal
    if hashlib.sha256(content).hexdigest() != sha:
        raise Unavailable(products.UPSTREAM, "malformed")
    with _lock:
        _kept[sha] = content
        while sum(map(len, _kept.values())) > MOST_BYTES:
            _kept.popitem(last=False)
    return content
