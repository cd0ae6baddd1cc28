"""What the storefront asks product_service: the catalogue, pictures, and quotes for a cart.

All calls raise Refused or Unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.http import Answer
from storefront.clients.calls import Items, Read, call
from storefront.clients.product_answers import (
    Category,
    Listing,
    Product,
    QuotedLine,
    QuotedLines,
)
from storefront.clients.wanted import Wanted, quoted

UPSTREAM = "product_service"


def listing(*, page_size: int, page: int = 1, **filters: str) -> Read[Listing]:
    """A list of products; filters are q, category, sort and in_stock, empty ones are left out."""
    chosen = {name: value for name, value in filters.items() if value}
    params: dict[str, str | int] = {**chosen, "page": page, "page_size": page_size}
    return Read(UPSTREAM, Listing, "list_products", "/v1/products", params)


def product(slug: str) -> Read[Product]:
    return Read(UPSTREAM, Product, "get_product", f"/v1/products/{slug}")


def categories() -> Read[Items[Category]]:
    return Read(UPSTREAM, Items[Category], "list_categories", "/v1/categories")


def picture(name: str) -> Answer:
    """The bytes of one picture, as product_service serves them."""
    return call(UPSTREAM, "GET", f"/media/{name}", operation="get_picture")


def quote(lines: Sequence[Wanted]) -> tuple[QuotedLine, ...]:
    """Current name, price and availability of each line, in their order."""
    return quoted(UPSTREAM, QuotedLines, lines).lines
