"""The product list, warm and cold, against a bare Django view under the same gunicorn settings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bench.load import get_repeatedly
from bench.serving import BARE, Served, bare_view, serve
from tests.faults.system import System

SECONDS = 4.0
LIST = "/v1/products"


def compare(system: System) -> dict[str, Served]:
    """The bare view, the warm list, the bare view again, and the cold list.

    The bare view is measured before and after, for a machine that others use as well; the mean
    of both is what the list is held against.
    """
    shop, name = system.catalogue_url, "product_service"
    size = get_repeatedly(shop, [LIST], seconds=0.5).body_bytes
    with bare_view(system, size, like=name) as url:
        before = serve(system, BARE, url, ["/"], SECONDS)
        warm = serve(system, name, shop, [LIST], SECONDS)
        after = serve(system, BARE, url, ["/"], SECONDS)
    cold = serve(system, name, shop, list(_unlike_paths()), SECONDS / 2)
    return {"bare": before, "bare again": after, "warm": warm, "cold": cold}


def _unlike_paths() -> Iterator[str]:
    """Lists of about 24 products that were never asked for before, so nothing is ready."""
    sorts, sizes, pages = ("newest", "price", "-price", "name"), range(20, 29), range(1, 7)
    for page, size, sort, stock in product(pages, sizes, sorts, ("", "&in_stock=1")):
        yield f"{LIST}?sort={sort}&page_size={size}&page={page}{stock}"
