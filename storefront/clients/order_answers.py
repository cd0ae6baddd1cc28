"""The answers of order_service as the storefront reads them; see storefront.clients.wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from chassis.shapes import Price
from storefront.clients import wire
from storefront.clients.product_answers import Image, QuotedLine

TextOrNothing = Annotated[str, BeforeValidator(lambda value: value or "")]
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
    estimate: wire.Words


@dataclass(frozen=True)
class ShippingOffer:
    """A way to ship, whatever is in the cart. Goods worth `free_from` or more travel free."""

    code: str
    free_from: Price | None


@dataclass(frozen=True)
class Quote:
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
    options: wire.Options
    image: Image | None
    quantity: int
    unit_price: Price
    line_total: Price


@dataclass(frozen=True)
class Moment:
    """A state that the order reached, and when."""

    state: str
    at: wire.Time


@dataclass(frozen=True)
class Shortage:
    """A line that could not be reserved in full."""

    sku: str
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
    placed_at: wire.Time
    email: str
    lines: tuple[OrderLine, ...]
    subtotal: Price
    shipping_name: Annotated[str, Field(validation_alias=AliasPath("shipping_method", "name"))]
    shipping: Price
    tax: Price
    total: Price
    address: Annotated[Mapping[str, wire.Words], Field(validation_alias="shipping_address")]
    payment_status: str
    timeline: tuple[Moment, ...]
    short: tuple[Shortage, ...]
    allowed_actions: tuple[str, ...]
    confirm_url: str | None
    queue: Queue | None
    note: str = ""  # to the shop; order_service of the release before knows none
    token: TextOrNothing = ""  # of the mailed link; "" where the answer leaves it out

    def reached_at(self, state: str) -> datetime | None:
        return next((moment.at for moment in self.timeline if moment.state == state), None)


@dataclass(frozen=True)
class OrderSummary:
    """An order in the list of a shopper's orders."""

    number: str
    state: str
    placed_at: wire.Time
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
    token: str
    name: str
    note: str


@dataclass(frozen=True)
class Country:
    code: str
    name: str


quote = wire.reader(Quote)
order = wire.reader(Order)
order_page = wire.reader(OrderPage)
looked_up = wire.reader(LookedUp)
payment_methods = wire.list_reader(PaymentMethod)
shipping_offers = wire.list_reader(ShippingOffer)
countries = wire.list_reader(Country)
