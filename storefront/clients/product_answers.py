"""The answers of product_service as frozen dataclasses, and how JSON becomes them.

Each function takes decoded JSON and raises KeyError, TypeError or ValueError if it has another
shape; `wire.understood` turns those into an unavailable service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.money import Money
from storefront.clients import wire


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
    sizes: tuple[ImageSize, ...] = ()  # the smallest first

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
class CategoryName:
    slug: str
    name: str


@dataclass(frozen=True)
class Card:
    """A product in a list."""

    slug: str
    name: str
    brand: str
    category: CategoryName
    key_specs: tuple[str, ...]
    image: Image | None
    price: Money
    prior_price: Money | None
    price_varies: bool
    availability: str  # in_stock, low or sold_out
    default_sku: str


@dataclass(frozen=True)
class Listing:
    """One page of cards."""

    items: tuple[Card, ...]
    count: int
    page: int
    page_size: int
    has_words: bool = True  # False: the search had nothing to look for

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.page_size))


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
    value: str


@dataclass(frozen=True)
class Variant:
    sku: str
    variant_id: int | None  # None: a copy kept by the release before
    name: str
    options: tuple[tuple[str, str], ...]
    price: Money
    prior_price: Money | None
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
    images: tuple[Image, ...]
    options: tuple[Option, ...]
    variants: tuple[Variant, ...]
    default_sku: str
    related: tuple[Card, ...]

    def variant(self, sku: str) -> Variant | None:
        return next((one for one in self.variants if one.sku == sku), None)


@dataclass(frozen=True)
class QuotedLine:
    """What a variant is and costs now; an unknown one has status `unavailable` and no price."""

    sku: str  # its SKU now, which may have been corrected since it was asked for
    variant_id: int | None  # None: unknown, or answered by the release before
    quantity: int
    status: str  # ok, less_left, sold_out or unavailable
    available: int
    name: str | None
    options: tuple[tuple[str, str], ...]
    product_slug: str | None
    image: Image | None
    unit_price: Money | None


def quoted_line(body: Any) -> QuotedLine:
    """A line of a quote; order_service answers the same shape and more."""
    name, slug = body["name"], body["product_slug"]
    return QuotedLine(
        sku=wire.text(body["sku"]),
        variant_id=wire.whole(body.get("variant_id")),
        quantity=int(body["quantity"]),
        status=wire.text(body["status"]),
        available=int(body["available"] or 0),
        name=None if name is None else wire.text(name),
        options=wire.options(body["options"]),
        product_slug=None if slug is None else wire.text(slug),
        image=image(body["image"]),
        unit_price=wire.money(body["unit_price"]),
    )


def image(body: Any) -> Image | None:
    if body is None:
        return None
    return Image(
        url=wire.text(body["url"]),
        alt=wire.text(body["alt"]),
        width=int(body["width"]),
        height=int(body["height"]),
        sizes=tuple(
            ImageSize(wire.text(size["url"]), int(size["width"]))
            for size in body.get("sizes", ())  # an older answer, cart or order has none
        ),
    )


def category_name(body: Any) -> CategoryName:
    return CategoryName(wire.text(body["slug"]), wire.text(body["name"]))


def card(body: Any) -> Card:
    return Card(
        slug=wire.text(body["slug"]),
        name=wire.text(body["name"]),
        brand=wire.text(body["brand"]),
        category=category_name(body["category"]),
        key_specs=wire.texts(body["key_specs"]),
        image=image(body["image"]),
        price=Money.from_wire(body["price"]),
        prior_price=wire.money(body["prior_price"]),
        price_varies=bool(body["price_varies"]),
        availability=wire.text(body["availability"]),
        default_sku=wire.text(body["default_sku"]),
    )


def listing(body: Any) -> Listing:
    return Listing(
        tuple(card(item) for item in body["items"]),
        int(body["count"]),
        int(body["page"]),
        max(1, int(body["page_size"])),
        bool(body["applied"].get("has_words", True)),
    )


def category(body: Any) -> Category:
    return Category(
        slug=wire.text(body["slug"]),
        name=wire.text(body["name"]),
        description=wire.text(body["description"]),
        count=int(body["count"]),
        image=image(body["image"]),
        children=tuple(category(child) for child in body["children"]),
    )


def categories(body: Any) -> tuple[Category, ...]:
    return tuple(category(item) for item in body["items"])


def variant(body: Any) -> Variant:
    return Variant(
        sku=wire.text(body["sku"]),
        variant_id=wire.whole(body.get("variant_id")),
        name=wire.text(body["name"]),
        options=wire.options(body["options"]),
        price=Money.from_wire(body["price"]),
        prior_price=wire.money(body["prior_price"]),
        availability=wire.text(body["availability"]),
        available=int(body["available"]),
        image=image(body["image"]),
    )


def product(body: Any) -> Product:
    pictures = (image(item) for item in body["images"])
    variants = tuple(variant(item) for item in body["variants"])
    if not variants:
        raise ValueError("a product without variants cannot be shown")
    return Product(
        slug=wire.text(body["slug"]),
        name=wire.text(body["name"]),
        brand=wire.text(body["brand"]),
        description=wire.text(body["description"]),
        breadcrumb=tuple(category_name(item) for item in body["breadcrumb"]),
        attributes=tuple(
            Attribute(wire.text(item["name"]), str(item["value"])) for item in body["attributes"]
        ),
        images=tuple(picture for picture in pictures if picture is not None),
        options=tuple(
            Option(wire.text(item["code"]), wire.text(item["name"]), wire.texts(item["values"]))
            for item in body["options"]
        ),
        variants=variants,
        default_sku=wire.text(body["default_sku"]),
        related=tuple(card(item) for item in body["related"]),
    )
