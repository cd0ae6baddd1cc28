"""Reads of the catalogue for pages: current, or last known and marked as such."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.http import Http404

from chassis.http import Refused, UpstreamError
from storefront import catalogue_version
from storefront.clients import calls, products
from storefront.clients.product_answers import Category, Listing, Product
from storefront.last_known import Shown, current_or_last_known

NAVIGATION_SECONDS = 20.0  # and no longer than the catalogue stays the same, where that is known


class NoSuchPage(Http404):
    """The list is there, and it has no page of that number."""


def categories() -> tuple[Category, ...]:
    shown = current_or_last_known(
        products.categories(),
        fresh_seconds=NAVIGATION_SECONDS,
        version=catalogue_version.known(),
    )
    return shown.value.items


def navigation() -> tuple[Category, ...]:
    """The tree as menus show it: its lower level, so a top that holds products is part of it.

    Empty while nobody can say.
    """
    try:
        return tuple(_with_itself(top) for top in categories())
    except UpstreamError:
        return ()


def _with_itself(top: Category) -> Category:
    if not top.children or top.count == sum(child.count for child in top.children):
        return top
    return replace(top, children=(replace(top, children=()), *top.children))


def way_to_category(slug: str) -> tuple[Category, ...]:
    """From the top of the tree down to the category of that slug. Raises Http404."""
    way = _way_down(slug, categories())
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


@contextmanager
def _refused_list_as_404() -> Iterator[None]:
    """What the refusal of a list means to a shopper. Any other is our mistake and stays one, such
    as a 404 of a wrong address."""
    try:
        yield
    except Refused as refusal:
        if refusal.code == "page_out_of_range":
            raise NoSuchPage from refusal
        names_category = any(error.get("pointer") == "/category" for error in refusal.errors)
        if names_category:
            raise Http404 from refusal
        raise


@_refused_list_as_404()
def listing(*, page_size: int, page: int = 1, **filters: str) -> Shown[Listing]:
    """A page of a list. Raises NoSuchPage, and Http404 for a category that is gone."""
    return current_or_last_known(products.listing(page_size=page_size, page=page, **filters))


@_refused_list_as_404()
def search(*, q: str, page_size: int, page: int = 1, **filters: str) -> Listing:
    """A search is always asked: the words are too many to keep answers of. Raises NoSuchPage."""
    read = products.listing(page_size=page_size, page=page, q=q, **filters)
    return calls.understood(read.upstream, read.shape, calls.ask(read).body)


def product(slug: str) -> Shown[Product]:
    """The product of that slug. Raises Http404 if there is none (any more)."""
    try:
        return current_or_last_known(products.product(slug))
    except Refused as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        raise


def preview(token: str) -> Product:
    """The product of a preview's link. Raises Http404 when the link is over."""
    try:
        return products.preview(token)
    except Refused as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        raise
