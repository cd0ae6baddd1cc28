"""Reads of the catalogue for pages: current, or last known and marked as such."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

from django.http import Http404

from chassis.http import Refused
from storefront.clients import products
from storefront.clients.product_answers import Category, Listing, Product
from storefront.last_known import Shown, current_or_last_known

T = TypeVar("T")

NAVIGATION_SECONDS = 20.0


class NoSuchPage(Http404):
    """The list is there, and it has no page of that number."""


def categories() -> Shown[tuple[Category, ...]]:
    return _shown(products.categories(), fresh_seconds=NAVIGATION_SECONDS)


def navigation() -> tuple[Category, ...]:
    """The tree as menus show it: its lower level, so a top that holds products is part of it."""
    return tuple(_with_itself(top) for top in categories().value)


def _with_itself(top: Category) -> Category:
    if not top.children or top.count == sum(child.count for child in top.children):
        return top
    return replace(top, children=(replace(top, children=()), *top.children))


def way_to_category(slug: str) -> tuple[Category, ...]:
    """From the top of the tree down to the category of that slug. Raises Http404."""
    way = _way_down(slug, categories().value)
    if not way:
        raise Http404
    return way


def _way_down(slug: str, siblings: tuple[Category, ...]) -> tuple[Category, ...]:
    for category in siblings:
        if category.slug == slug:
            return (category,)
        if below := _way_down(slug, category.children):
            return (category, *below)
    return ()


def listing(*, page_size: int, page: int = 1, **filters: str) -> Shown[Listing]:
    """A page of a list. Raises NoSuchPage, and Http404 for a category that is gone."""
    try:
        return _shown(products.listing(page_size=page_size, page=page, **filters))
    except Refused as refusal:
        raise _missing(refusal) from refusal


def search(*, q: str, page_size: int, page: int = 1, **filters: str) -> Listing:
    """A search is always asked: the words are too many to keep answers of. Raises NoSuchPage."""
    read = products.listing(page_size=page_size, page=page, q=q, **filters)
    try:
        return products.answer(read)
    except Refused as refusal:
        raise _missing(refusal) from refusal


def _missing(refusal: Refused) -> Http404 | Refused:
    """What the refusal of a list means to a shopper; the refusal itself if it is our mistake."""
    if refusal.code == "page_out_of_range":
        return NoSuchPage()
    if any(error.get("pointer") == "/category" for error in refusal.errors):
        return Http404()
    return refusal


def product(slug: str) -> Shown[Product]:
    """The product of that slug. Raises Http404 if there is none (any more)."""
    try:
        return _shown(products.product(slug))
    except Refused as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        raise


def _shown(read: products.Read[T], fresh_seconds: float = 0.0) -> Shown[T]:
    return current_or_last_known(
        f"{read.path}?{urlencode(sorted(read.params.items()))}",
        upstream=products.UPSTREAM,
        ask=lambda: products.ask(read),
        parse=read.parse,
        fresh_seconds=fresh_seconds,
    )
