"""The answers of product_service as the storefront reads them; see storefront.clients.calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AliasPath, BeforeValidator, Field

from chassis.shapes import Price

Words = Annotated[str, BeforeValidator(str)]  # numbers as well
# Chosen options as (code, value) pairs, in the order of the answer.
Options = Annotated[
    tuple[tuple[str, str], ...], BeforeValidator(lambda value: tuple((value or {}).items()))
]


def _without_nulls(values: Any) -> list[Any]:
    return [value for value in values if value is not None]


@dataclass(frozen=True)
class ImageSize:
    """The same picture smaller."""

    url: str
    width: int


@dataclass(frozen=True)
class Image:
    """A picture under /media/, which the storefront passes through, and its smaller sizes."""

    url: str
    alt: str
    width: int
    height: int
    sizes: tuple[ImageSize, ...] = ()  # the smallest first; an older answer, cart or order has none

    @property
    def srcset(self) -> str:
        """Every size for the browser to choose from; "" if there is one only."""
        if not self.sizes:
            return ""
        every = (*self.sizes, ImageSize(self.url, self.width))
        return ", ".join(f"{one.url} {one.width}w" for one in every)

    @property
    def src(self) -> str:
        """The size for a browser that cannot choose."""
        return self.sizes[-1].url if self.sizes else self.url


@dataclass(frozen=True)
class CatalogueVersion:
    version: str | None


@dataclass(frozen=True)
class CategoryName:
    slug: str
    name: str


@dataclass(frozen=True)
class Card:
    """A product in a list."""

    slug: str
    name: str
    brand: str
    key_specs: tuple[str, ...]
    image: Image | None
    price: Price
    prior_price: Price | None
    price_varies: bool
    availability: str  # in_stock, low or sold_out


@dataclass(frozen=True)
class Listing:
    """One page of cards."""

    items: tuple[Card, ...]
    count: int
    page: int
    page_size: int
    # False: the search had nothing to look for.
    has_words: Annotated[bool, Field(validation_alias=AliasPath("applied", "has_words"))] = True

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // max(1, self.page_size)))


@dataclass(frozen=True)
class Category:
    slug: str
    name: str
    description: str
    count: int
    image: Image | None
    children: tuple[Category, ...]


@dataclass(frozen=True)
class Option:
    code: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    name: str
    value: Words


@dataclass(frozen=True)
class UnitPrice:
    """The price of one kg, l, m ..."""

    price: Price
    unit: str


@dataclass(frozen=True, kw_only=True)
class Variant:
    sku: str
    variant_id: int | None = None  # None: a copy kept by the previous version
    options: Options
    price: Price
    prior_price: Price | None
    lowest_price: Price | None = None  # of the 30 days before a reduction; None: an older answer
    unit_price: UnitPrice | None = None
    availability: str
    available: int  # pieces, capped by product_service
    image: Image | None

    @property
    def chosen(self) -> Mapping[str, str]:
        return dict(self.options)


@dataclass(frozen=True)
class Product:
    slug: str
    name: str
    brand: str
    description: str
    breadcrumb: tuple[CategoryName, ...]
    attributes: tuple[Attribute, ...]
    images: Annotated[tuple[Image, ...], BeforeValidator(_without_nulls)]
    options: tuple[Option, ...]
    variants: Annotated[tuple[Variant, ...], Field(min_length=1)]
    default_sku: str
    related: tuple[Card, ...]
    description_html: str = ""  # safe to show; "": an older answer, or nothing
    manufacturer: str = ""  # lines; "": none, or an older answer
    responsible_person: str = ""

    def variant(self, sku: str) -> Variant | None:
        return next((one for one in self.variants if one.sku == sku), None)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a shopper sees of a variant in a cart; a cart line keeps it."""

    name: str | None
    options: Options
    product_slug: str | None
    image: Image | None
    unit_price: Price | None


@dataclass(frozen=True, kw_only=True)
class QuotedLine(Seen):
    """What a variant is and costs now; an unknown one has status `unavailable` and no price."""

    sku: str  # its SKU now, which may have been corrected since it was asked for
    variant_id: int | None = None  # None: unknown, or answered by the previous version
    quantity: int
    status: str  # ok, less_left, sold_out or unavailable
    available: Annotated[int, BeforeValidator(lambda value: value or 0)]


@dataclass(frozen=True)
class QuotedLines:
    lines: tuple[QuotedLine, ...]
