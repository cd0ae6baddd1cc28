"""What the storefront asks order_service, always in the name of a shopper (`guest:<id>`).

Access to an order that another browser placed needs the token of its mailed link, sent in the
header Order-Token. All calls raise Refused or Unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from storefront.clients.calls import Items, Read, call, understood
from storefront.clients.order_answers import LookedUp, Order, OrderPage, Quote
from storefront.clients.wanted import Wanted, by_variant, quoted

UPSTREAM = "order_service"
PLACE_SECONDS = 1.8
NOBODY = "service:storefront"  # the subject of calls that concern no shopper

T = TypeVar("T")


def quote(
    lines: Sequence[Wanted],
    *,
    subject: str,
    country: str,
    shipping_method: str | None = None,
    is_promise: bool = False,
) -> Quote:
    """Shipping, totals and the lines in their order: a second old, unless they are a promise."""
    return quoted(
        UPSTREAM,
        Quote,
        lines,
        subject=subject,
        headers={"Cache-Control": "no-cache"} if is_promise else {},
        country=country,
        shipping_method=shipping_method,
    )


def place(body: Mapping[str, Any], *, key: str, subject: str) -> Order:
    """Place the order that `body` describes; repeating with the same key gives the same order."""
    return by_variant(
        lambda lines: _call(
            Order,
            "POST",
            "/v1/orders",
            operation="place_order",
            subject=subject,
            seconds=PLACE_SECONDS,
            json={**body, "lines": lines},
            headers={"Idempotency-Key": key},
        ),
        [Wanted.from_wire(line) for line in body["lines"]],
    )


def order(number: str, *, subject: str, token: str) -> Order:
    path, link = f"/v1/orders/{number}", _link(token)
    return _call(Order, "GET", path, operation="get_order", subject=subject, headers=link)


def orders(*, subject: str, older: str = "") -> OrderPage:
    """A page of a shopper's orders: the newest, or those that `older` of a page asks for."""
    return _call(
        OrderPage,
        "GET",
        "/v1/orders",
        operation="list_orders",
        subject=subject,
        params={"cursor": older} if older else {},
    )


def cancel(number: str, *, subject: str, token: str) -> Order:
    path, link = f"/v1/orders/{number}/cancel", _link(token)
    return _call(Order, "POST", path, operation="cancel_order", subject=subject, headers=link)


def look_up(number: str, email: str, *, subject: str, token: str, address: str) -> LookedUp:
    """The order that was placed with `email`. Tries are counted for `address`."""
    return _call(
        LookedUp,
        "POST",
        "/v1/orders/lookup",
        operation="look_up_order",
        subject=subject,
        json={"number": number, "email": email},
        headers={"Client-Address": address, **_link(token)},
    )


def offer(shape: type[T], name: str) -> Read[Items[T]]:
    """What the shop offers to everybody: `countries`, `payment-methods`, `shipping-methods`."""
    operation = f"list_{name.replace('-', '_')}"
    many: type[Items[T]] = Items[shape]  # type: ignore[valid-type]
    return Read(UPSTREAM, many, operation, f"/v1/{name}", subject=NOBODY)


def _call(shape: type[T], method: str, path: str, **sent: Any) -> T:
    return understood(UPSTREAM, shape, call(UPSTREAM, method, path, **sent).body)


def _link(token: str) -> dict[str, str]:
    return {"Order-Token": token} if token else {}
