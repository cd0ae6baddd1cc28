"""What the storefront asks product_service: the catalogue, pictures, and quotes for a cart.

Reads are described as `Read` values (where, and how the answer becomes a value), so that
`catalogue.reading` can keep the last known answer of each. All answers are frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from django.conf import settings

from chassis.http import Answer, ServiceClient
from storefront.budget import within
from storefront.clients import product_answers as answers
from storefront.clients import wire
from storefront.clients.wanted import Wanted, WireLines, by_variant

UPSTREAM = "product_service"
READ_SECONDS = 1.5
QUOTE_SECONDS = 1.0

T = TypeVar("T")


@dataclass(frozen=True)
class Read(Generic[T]):
    """One read of the catalogue."""

    operation: str
    path: str
    parse: Callable[[Any], T]
    params: Mapping[str, str | int] = field(default_factory=dict)


def listing(*, page_size: int, page: int = 1, **filters: str) -> Read[answers.Listing]:
    """A list of products; filters are q, category, sort and in_stock, empty ones are left out."""
    chosen = {name: value for name, value in filters.items() if value}
    params: dict[str, str | int] = {**chosen, "page": page, "page_size": page_size}
    return Read("list_products", "/v1/products", answers.listing, params)


def product(slug: str) -> Read[answers.Product]:
    return Read("get_product", f"/v1/products/{slug}", answers.product)


def categories() -> Read[tuple[answers.Category, ...]]:
    return Read("list_categories", "/v1/categories", answers.categories)


def ask(read: Read[Any]) -> Any:
    """The JSON body of a read. Raises Refused or Unavailable."""
    answer = _http().call(
        "GET",
        read.path,
        operation=read.operation,
        params=read.params,
        deadline_seconds=within(READ_SECONDS),
    )
    return answer.body


def answer(read: Read[T]) -> T:
    """The value of a read. Raises Refused or Unavailable."""
    return wire.understood(UPSTREAM, read.parse, ask(read))


def picture(name: str) -> Answer:
    """The bytes of one picture, as product_service serves them."""
    return _http().call(
        "GET", f"/media/{name}", operation="get_picture", deadline_seconds=within(READ_SECONDS)
    )


def quote(lines: Sequence[Wanted]) -> tuple[answers.QuotedLine, ...]:
    """Current name, price and availability of each line, in their order."""
    answer = by_variant(_quote, lines)
    return wire.understood(UPSTREAM, lambda body: _quoted(body, len(lines)), answer.body)


def _quote(wanted: WireLines) -> Answer:
    return _http().call(
        "POST",
        "/v1/quotes",
        operation="quote",
        json={"lines": wanted},
        deadline_seconds=within(QUOTE_SECONDS),
        retry_safe=True,
    )


def _quoted(body: Any, count: int) -> tuple[answers.QuotedLine, ...]:
    return wire.as_many(count, answers.quoted_lines(body).lines)


@cache
def _http() -> ServiceClient:
    return ServiceClient(
        upstream=UPSTREAM, base_url=settings.PRODUCT_SERVICE_URL, deadline_seconds=READ_SECONDS
    )
