"""The answers of order_service as frozen dataclasses, and how JSON becomes them.

Each function takes decoded JSON and raises KeyError, TypeError or ValueError if it has another
shape; `wire.understood` turns those into an unavailable service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.money import Money
from storefront.clients import product_answers, wire
from storefront.clients.product_answers import Image, QuotedLine

LONGEST_COUNTED = 500  # a place in line that stands for all further back, too


@dataclass(frozen=True)
class PricedLine:
    """A quoted line with its total; both are None for what is no longer sold."""

    quoted: QuotedLine
    line_total: Money | None


@dataclass(frozen=True)
class ShippingMethod:
    code: str
    name: str
    price: Money
    estimate: str


@dataclass(frozen=True)
class ShippingOffer:
    """A way to ship, whatever is in the cart. Goods worth `free_from` or more travel free."""

    code: str
    free_from: Money | None


@dataclass(frozen=True)
class Quote:
    """What a cart costs. Prices include tax; `shipping` and `total` depend on the method."""

    lines: tuple[PricedLine, ...]
    subtotal: Money
    shipping_methods: tuple[ShippingMethod, ...]
    shipping_method: str | None
    shipping: Money | None
    tax: Money
    total: Money

    @property
    def chosen(self) -> ShippingMethod | None:
        """The method that `shipping` is the price of."""
        methods = self.shipping_methods
        return next((one for one in methods if one.code == self.shipping_method), None)


@dataclass(frozen=True)
class OrderLine:
    sku: str
    variant_id: int | None
    name: str
    options: tuple[tuple[str, str], ...]
    image: Image | None
    quantity: int
    unit_price: Money
    line_total: Money


@dataclass(frozen=True)
class Moment:
    """A state that the order reached, and when."""

    state: str
    at: datetime


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
    placed_at: datetime
    email: str
    lines: tuple[OrderLine, ...]
    subtotal: Money
    shipping_name: str
    shipping: Money
    tax: Money
    total: Money
    address: Mapping[str, str]
    payment_status: str
    timeline: tuple[Moment, ...]
    short: tuple[Shortage, ...]
    allowed_actions: tuple[str, ...]
    confirm_url: str | None
    queue: Queue | None
    token: str  # of the mailed link; "" where the answer leaves it out

    def reached_at(self, state: str) -> datetime | None:
        return next((moment.at for moment in self.timeline if moment.state == state), None)


@dataclass(frozen=True)
class OrderSummary:
    """An order in the list of a shopper's orders."""

    number: str
    state: str
    placed_at: datetime
    total: Money


@dataclass(frozen=True)
class OrderPage:
    """Some of a shopper's orders, newest first; `older` asks for those after them."""

    orders: tuple[OrderSummary, ...]
    older: str | None


@dataclass(frozen=True)
class PaymentMethod:
    token: str
    name: str
    note: str


@dataclass(frozen=True)
class Country:
    code: str
    name: str


def quote(body: Any) -> Quote:
    return Quote(
        lines=tuple(_priced(line) for line in body["lines"]),
        subtotal=Money.from_wire(body["subtotal"]),
        shipping_methods=tuple(_shipping_method(item) for item in body["shipping_methods"]),
        shipping_method=body["shipping_method"],
        shipping=wire.money(body["shipping"]),
        tax=Money.from_wire(body["tax"]),
        total=Money.from_wire(body["total"]),
    )


def _priced(body: Any) -> PricedLine:
    return PricedLine(product_answers.quoted_line(body), wire.money(body["line_total"]))


def _shipping_method(body: Any) -> ShippingMethod:
    return ShippingMethod(
        wire.text(body["code"]),
        wire.text(body["name"]),
        Money.from_wire(body["price"]),
        str(body["estimate"]),
    )


def order(body: Any) -> Order:
    return Order(
        number=wire.text(body["number"]),
        state=wire.text(body["state"]),
        reason=body["reason"],
        terminal=bool(body["terminal"]),
        placed_at=wire.moment(body["placed_at"]),
        email=wire.text(body["email"]),
        lines=tuple(_line(item) for item in body["lines"]),
        subtotal=Money.from_wire(body["subtotal"]),
        shipping_name=wire.text(body["shipping_method"]["name"]),
        shipping=Money.from_wire(body["shipping"]),
        tax=Money.from_wire(body["tax"]),
        total=Money.from_wire(body["total"]),
        address={str(name): str(part) for name, part in body["shipping_address"].items()},
        payment_status=wire.text(body["payment_status"]),
        timeline=tuple(
            Moment(wire.text(item["state"]), wire.moment(item["at"])) for item in body["timeline"]
        ),
        short=tuple(_shortage(item) for item in body["short"]),
        allowed_actions=wire.texts(body["allowed_actions"]),
        confirm_url=body["confirm_url"],
        queue=_queue(body["queue"]),
        token=wire.text(body.get("token") or ""),
    )


def order_page(body: Any) -> OrderPage:
    orders = tuple(
        OrderSummary(
            wire.text(item["number"]),
            wire.text(item["state"]),
            wire.moment(item["placed_at"]),
            Money.from_wire(item["total"]),
        )
        for item in body["items"]
    )
    return OrderPage(orders, older=wire.text(body["next"]) if body["next"] else None)


def looked_up(body: Any) -> tuple[str, str | None]:
    """An order's number and the token of its link; None if that was mailed."""
    token = body["token"]
    return wire.text(body["number"]), None if token is None else wire.text(token)


def payment_methods(body: Any) -> tuple[PaymentMethod, ...]:
    return tuple(
        PaymentMethod(wire.text(item["token"]), wire.text(item["name"]), wire.text(item["note"]))
        for item in listed(body)
    )


def shipping_offers(body: Any) -> tuple[ShippingOffer, ...]:
    return tuple(
        ShippingOffer(wire.text(item["code"]), wire.money(item["free_from"]))
        for item in listed(body)
    )


def countries(body: Any) -> tuple[Country, ...]:
    return tuple(Country(wire.text(item["code"]), wire.text(item["name"])) for item in listed(body))


def listed(body: Any) -> Any:
    """The items of a list answer."""
    return body["items"] if isinstance(body, dict) else body


def _line(body: Any) -> OrderLine:
    return OrderLine(
        sku=wire.text(body["sku"]),
        variant_id=wire.whole(body.get("variant_id")),
        name=wire.text(body["name"]),
        options=wire.options(body["options"]),
        image=product_answers.image(body["image"]),
        quantity=int(body["quantity"]),
        unit_price=Money.from_wire(body["unit_price"]),
        line_total=Money.from_wire(body["line_total"]),
    )


def _shortage(body: Any) -> Shortage:
    return Shortage(
        wire.text(body["sku"]),
        wire.text(body["name"]),
        int(body["wanted"]),
        int(body["available"]),
    )


def _queue(body: Any) -> Queue | None:
    if body is None:
        return None
    return Queue(int(body["position"]), int(body["expected_wait_seconds"]))
