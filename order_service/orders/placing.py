"""Placing an order: it waits for product_service's prices, up to 1 s, and for nothing else outside.

    1  one quote re-prices every line; what it refuses is not stored under the key
    2  one statement: key, order, lines, adjustments, event 0. The row itself is due at once, so a
       dispatcher finds it; nothing is published here and nothing waits for Redis or a bank
    3  the key is looked up only where 1 or 2 refuse: a repeated request is answered as before, even
       with product_service down, and whatever has become of the prices

One statement in all, however many lines there are. An order is never refused for lack of stock:
who gets the last piece is decided fairly, in order of arrival, by the pipeline.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from psycopg.errors import UniqueViolation

from chassis.errors import Conflict, DomainError, FieldError, Unprocessable
from chassis.ids import uuid7
from chassis.logs import bind, get_logger, request_id
from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.orders import idempotency, metrics
from order_service.orders.adjustments import OrderAdjustment
from order_service.orders.crashpoints import crashpoint
from order_service.orders.idempotency import RequestKey, StoredAnswer
from order_service.orders.models import Order, OrderEvent, OrderLine
from order_service.orders.place_statement import write_order
from order_service.orders.states import State
from order_service.pricing.adjustments import Adjustment
from order_service.pricing.offers import method_to_place
from order_service.pricing.quotes import CartLine, CartQuote, quote_cart

log = get_logger(__name__)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nothing to mistake on the phone
NUMBER_LETTERS = 8
NUMBER_TRIES = 5
ACCEPTED = 202
# How a new order is told to whoever placed it; its answer is stored under the key.
WriteBody = Callable[[Order, Sequence[OrderLine], Sequence[OrderEvent]], Mapping[str, Any]]


class PriceChanged(Conflict):
    """The order costs something else than `expected_total`. `total` is the new amount: show it to
    the shopper, and place the order again with it once they agree."""

    code, title = "price_changed", "The total has changed"


class UnknownSku(Unprocessable):
    """No product has this SKU. `errors` names the lines; correct or remove them."""

    code, title = "unknown_sku", "Unknown SKU"


class LineUnavailable(Unprocessable):
    """A product is no longer sold. `errors` names the lines; remove them."""

    code, title = "line_unavailable", "A product is no longer sold"


@dataclass(frozen=True)
class PlaceRequest:
    """What a shopper wants to order."""

    key: RequestKey
    lines: Sequence[Wanted]
    email: str
    shipping_address: Mapping[str, str]
    shipping_method: str  # its code
    payment_token: str
    expected_total: Money  # on the shopper's screen
    note: str


def place_order(request: PlaceRequest, *, write_body: WriteBody) -> StoredAnswer:
    """The order of this key, placed now or before.

    Raises KeyReused, InFlight, NotOffered, ProductsUnavailable, UnknownSku, LineUnavailable,
    PriceChanged.
    """
    try:
        quote = _quote(request)
    except DomainError:
        if earlier := idempotency.find_answer(request.key):
            return earlier
        raise
    placed = _place(request, quote, write_body)
    crashpoint("placed_not_answered")
    if placed is None:  # a twin with the same key committed while we asked for prices
        placed = idempotency.find_answer(request.key)
    if placed is None:
        raise idempotency.InFlight
    return placed


def _quote(request: PlaceRequest) -> CartQuote:
    """What the order costs now, if that is what the shopper agreed to."""
    country = request.shipping_address["country"]
    method = method_to_place(request.shipping_method, country=country)
    quote = quote_cart(request.lines, shipping_method=method, country=country)
    _refuse_what_cannot_be_sold(quote)
    _refuse_another_total(quote.totals.total, request.expected_total)
    return quote


def new_order_number() -> str:
    """A fresh random number such as TC-7Q2M9X4B; one of 10^12, so it cannot be guessed."""
    return "TC-" + "".join(secrets.choice(CROCKFORD) for _ in range(NUMBER_LETTERS))


def _refuse_what_cannot_be_sold(quote: CartQuote) -> None:
    lines = enumerate(quote.lines)
    errors = [_not_sold(index, line) for index, line in lines if line.price is None]
    if not errors:
        return
    is_unknown = all(error.code == UnknownSku.code for error in errors)
    raise (UnknownSku if is_unknown else LineUnavailable)(
        "Take the named lines out of the cart.", errors=errors
    )


def _not_sold(index: int, line: CartLine) -> FieldError:
    code = LineUnavailable.code if line.quoted.name else UnknownSku.code
    return FieldError(f"/lines/{index}/sku", f"{line.quoted.sku} is not sold.", code)


def _refuse_another_total(total: Money, expected: Money) -> None:
    if total != expected:
        raise PriceChanged(
            f"The total is now {total}, not {expected}. Show it and ask again.",
            extra={"expected_total": expected.to_wire(), "total": total.to_wire()},
        )


def _place(request: PlaceRequest, quote: CartQuote, write_body: WriteBody) -> StoredAnswer | None:
    """Write the order under a number that is free; None if a twin holds the key."""
    for _ in range(NUMBER_TRIES):
        try:
            return _write(request, quote, write_body)
        except IntegrityError as error:
            if not _is_number_taken(error):
                raise
    raise RuntimeError("no free order number found")


def _write(request: PlaceRequest, quote: CartQuote, write_body: WriteBody) -> StoredAnswer | None:
    now = timezone.now()  # until the database says its own time
    order = _order(request, quote, now)
    lines = [_line(order, position, line) for position, line in enumerate(quote.lines)]
    adjustments = [_adjustment(order, n, each) for n, each in enumerate(quote.adjustments)]
    event = OrderEvent(order=order, version=0, to_state=State.PLACED, actor=order.subject, at=now)
    body = write_body(order, lines, [event])
    crashpoint("placed_not_committed")
    parts = [*lines, *adjustments, event]
    stored = write_order(request.key, order, parts, status=ACCEPTED, body=body)
    if stored is None:
        return None
    metrics.placed(order.currency)
    bind(order=order.number)
    log.info("order placed", lines=len(lines))
    return StoredAnswer(order.id, order.link_version, ACCEPTED, stored, replayed=False)


def _order(request: PlaceRequest, quote: CartQuote, now: datetime) -> Order:
    totals, method = quote.totals, quote.shipping_method
    if method is None:
        raise ValueError("an order has a shipping method")
    return Order(
        id=uuid7(),
        number=new_order_number(),
        subject=request.key.scope,
        email=request.email,
        shipping_address=dict(request.shipping_address),
        note=request.note,
        payment_token=request.payment_token,
        shipping_method=method.code,
        shipping_name=method.name,
        request_id=request_id(),
        currency=quote.currency,
        subtotal=totals.subtotal.amount,
        discount=totals.discount.amount,
        fees=totals.fees.amount,
        shipping=totals.shipping.amount,
        tax=totals.tax.amount,
        total=totals.total.amount,
        next_attempt_at=now,
        placed_at=now,
        updated_at=now,
    )


def _line(order: Order, position: int, line: CartLine) -> OrderLine:
    quoted, price = line.quoted, line.price
    if price is None:
        raise ValueError(f"{quoted.sku} has no price")
    return OrderLine(
        order=order,
        position=position,
        sku=quoted.sku,
        variant_id=quoted.variant_id,
        name=quoted.name or quoted.sku,
        options=dict(quoted.options),
        product_slug=quoted.product_slug or "",
        image=quoted.image,
        quantity=price.quantity,
        unit_price=price.unit_price.amount,
        tax_rate=price.tax_rate,
        discount=price.discount.amount,
        total=price.total.amount,
        tax=price.tax.amount,
    )


def _adjustment(order: Order, position: int, adjustment: Adjustment) -> OrderAdjustment:
    return OrderAdjustment(
        order=order,
        position=position,
        line=adjustment.line,
        kind=adjustment.kind,
        label=adjustment.label,
        amount=adjustment.amount.amount,
        tax_rate=adjustment.tax_rate,
        tax=adjustment.tax.amount,
        source=adjustment.source,
    )


def _is_number_taken(error: IntegrityError) -> bool:
    cause = error.__cause__
    return isinstance(cause, UniqueViolation) and "number" in (cause.diag.constraint_name or "")
