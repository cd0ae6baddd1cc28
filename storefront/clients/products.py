"""What the storefront asks product_service: the catalogue, pictures, and quotes for a cart.

All calls raise Refused or Unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.http import Answer
from storefront.clients.calls import Items, Read, call, understood
from storefront.clients.product_answers import (
    CatalogueVersion,
    Category,
    Listing,
    Product,
    QuotedLine,
    QuotedLines,
)
from storefront.clients.wanted import Wanted, quoted

UPSTREAM = "product_service"
VERSION_SECONDS = 0.5  # a page waits for it and is made without it


def listing(*, page_size: int, page: int = 1, **filters: str) -> Read[Listing]:
    """A list of products; filters are q, category, sort and in_stock, empty ones are left out."""
    chosen = {name: value for name, value in filters.items() if value}
    params: dict[str, str | int] = {**chosen, "page": page, "page_size": page_size}
    return Read(UPSTREAM, Listing, "list_products", "/v1/products", params)


def product(slug: str) -> Read[Product]:
    return Read(UPSTREAM, Product, "get_product", f"/v1/products/{slug}")


def preview(token: str) -> Product:
    """A product that may not be in the shop; never a copy of it."""
    answer = call(UPSTREAM, "GET", f"/v1/previews/{token}", operation="get_preview")
    return understood(UPSTREAM, Product, answer.body)


def categories() -> Read[Items[Category]]:
    return Read(UPSTREAM, Items[Category], "list_categories", "/v1/categories")


def catalogue_version() -> str | None:
    """The version that every list and product is of now; None while product_service has none."""
    answer = call(
        UPSTREAM,
        "GET",
        "/v1/catalogue/version",
        operation="get_catalogue_version",
        seconds=VERSION_SECONDS,
    )
    return understood(UPSTREAM, CatalogueVersion, answer.body).version


def picture(name: str) -> Answer:
    """The bytes of one picture, as product_service serves them."""
    return call(UPSTREAM, "GET", f"/media/{name}", operation="get_picture")


def quote(lines: Sequence[Wanted]) -> tuple[QuotedLine, ...]:
    """Current name, price and availability of each line, in their order."""
    return quoted(UPSTREAM, QuotedLines, lines).lines
