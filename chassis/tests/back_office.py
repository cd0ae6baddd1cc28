"""Addresses of a service's back office, for the tests of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.contrib import admin
from django.urls import URLPattern, URLResolver


def addresses() -> Iterator[str]:
    """Every address that needs no id: front page, lists, new things, passwords, sign-in."""
    return _below("/admin/", admin.site.urls[0])


def _below(start: str, patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for each in patterns:
        route = str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _below(start + route, each.url_patterns)
        elif not {"<", "("} & set(route):
            yield start + route
