"""The answers of order_service as the storefront reads them; see storefront.clients.calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AliasChoices, AliasPath, Field, PlainValidator

from chassis.shapes import Price
from storefront.clients.product_answers import Image, Options, QuotedLine, QuotedLines, Words

Time = Annotated[datetime, PlainValidator(datetime.fromisoformat)]  # RFC 3339
LONGEST_COUNTED = 500  # a place in line that stands for all further back, too


@dataclass(frozen=True, kw_only=True)
class PricedLine(QuotedLine):
    """A quoted line with its total, which is None for what is no longer sold."""

    line_total: Price | None


@dataclass(frozen=True)
class ShippingMethod:
    code: str
    name: str
    price: Price
    estimate: Words


@dataclass(frozen=True)
class ShippingOffer:
    """A way to ship, whatever is in the cart. Goods worth `free_from` or more travel free."""

    code: str
    name: str
    free_from: Price | None


@dataclass(frozen=True)
class Quote(QuotedLines):
    """What a cart costs. Prices include tax; `shipping` and `total` depend on the method."""

    lines: tuple[PricedLine, ...]
    subtotal: Price
    shipping_methods: tuple[ShippingMethod, ...]
    shipping_method: str | None
    shipping: Price | None
    tax: Price
    total: Price

    @property
    def chosen(self) -> ShippingMethod | None:
        """The method that `shipping` is the price of."""
        methods = self.shipping_methods
        return next((one for one in methods if one.code == self.shipping_method), None)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    sku: str
    variant_id: int | None = None
    name: str
    options: Options
    image: Image | None
    quantity: int
    unit_price: Price
    line_total: Price


@dataclass(frozen=True)
class Moment:
    """A state that the order reached, and when."""

    state: str
    at: Time


@dataclass(frozen=True)
class Shortage:
    """A line that could not be reserved in full."""

    name: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Queue:
    position: int
    expected_wait_seconds: int

    @property
    def place(self) -> str:
        return str(self.position) if self.position < LONGEST_COUNTED else f"{self.position} or more"


@dataclass(frozen=True)
class Order:
    """An order as its shopper sees it."""

    number: str
    state: str
    reason: str | None
    terminal: bool
    placed_at: Time
    email: str
    lines: tuple[OrderLine, ...]
    subtotal: Price
    shipping_name: Annotated[str, Field(validation_alias=AliasPath("shipping_method", "name"))]
    shipping: Price
    tax: Price
    total: Price
    address: Annotated[Mapping[str, Words], Field(validation_alias="shipping_address")]
    payment_status: str
    timeline: tuple[Moment, ...]
    short: tuple[Shortage, ...]
    allowed_actions: tuple[str, ...]
    confirm_url: str | None
    queue: Queue | None
    note: str = ""  # to the shop; order_service of the previous version knows none

    def reached_at(self, state: str) -> datetime | None:
        return next((moment.at for moment in self.timeline if moment.state == state), None)


@dataclass(frozen=True)
class OrderSummary:
    """An order in the list of a shopper's orders."""

    number: str
    state: str
    placed_at: Time
    total: Price


@dataclass(frozen=True)
class OrderPage:
    """Some of a shopper's orders, newest first; `older` asks for those after them."""

    orders: Annotated[tuple[OrderSummary, ...], Field(validation_alias="items")]
    older: Annotated[str | None, Field(validation_alias="next")]


@dataclass(frozen=True)
class LookedUp:
    """An order's number and the token of its link; None if that was mailed."""

    number: str
    token: str | None


@dataclass(frozen=True)
class PaymentMethod:
    """A way to pay. `code` is sent with the order; `token` is what older answers call it."""

    code: Annotated[str, Field(validation_alias=AliasChoices("code", "token"))]
    name: str
    note: str
    kind: str = "token"  # or redirect, offline; an older answer has none


@dataclass(frozen=True)
class Country:
    code: str
    name: str
