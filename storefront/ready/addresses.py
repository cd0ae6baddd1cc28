"""Which addresses have a page that is kept, and what such a page reads of its address.

Two addresses that a page reads alike have one kept page. So what nobody reads (`?utm_source=...`,
`?anything=at+random`) makes no page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.http import HttpRequest, QueryDict

from chassis.middleware import MOST_FIELDS_IN_ADDRESS
from storefront.ready.visitor import theme_of

# Scheme (some headers belong to https), theme, path, values that the page reads.
Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
QUERIES = 512  # of which it is remembered what they say; gunicorn takes 4 KiB at most

LIST = ("in_stock", "page", "sort")
# By the first part of the path; the views name the same parameters, or nothing is found.
READ: Mapping[str, tuple[str, ...]] = {
    "": (),
    "c": LIST,
    "p": ("sku",),
    "products": LIST,
    "search": (*LIST, "q"),
}


def asked_for(request: HttpRequest) -> Key | None:
    """The key of the kept page that would answer; None if there cannot be one."""
    if request.method not in {"GET", "HEAD"} or request.path != request.path_info:
        return None
    names = READ.get(request.path_info.split("/", 2)[1])
    if names is None:
        return None
    query = request.META.get("QUERY_STRING", "") if names else ""
    if query.count("&") >= MOST_FIELDS_IN_ADDRESS:
        return None
    if "CONTENT_TYPE" in request.META:  # it may name another encoding
        return None
    return _key(request, _said(query, names))


def made_for(request: HttpRequest, read: Mapping[str, str]) -> Key:
    """The key of a page that was made of those values alone, in the spelling of our own links."""
    return _key(request, read)


@lru_cache(QUERIES)
def _said(query: str, names: tuple[str, ...]) -> Mapping[str, str]:
    values = QueryDict(query.encode("latin-1"), encoding="utf-8") if query else {}
    return {name: values.get(name, "") for name in names}


def _key(request: HttpRequest, read: Mapping[str, str]) -> Key:
    # Every name is in the key, those without a value too: a page that reads one more is another.
    pairs = sorted({**read, "page": ""}.items() if read.get("page") == "1" else read.items())
    return request.scheme or "", theme_of(request), request.path_info, tuple(pairs)
