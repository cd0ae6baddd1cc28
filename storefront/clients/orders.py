"""What the storefront asks order_service, always in the name of a shopper (`guest:<id>`).

Access to an order that another browser placed needs the token of its mailed link, sent in the
header Order-Token. All calls raise Refused or Unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings

from chassis.auth import TokenSigner
from chassis.http import Answer, ServiceClient
from storefront.budget import within
from storefront.clients import order_answers as answers
from storefront.clients import wire
from storefront.clients.wanted import Wanted, WireLines, by_variant

UPSTREAM = "order_service"
READ_SECONDS = 1.5
QUOTE_SECONDS = 1.0
PLACE_SECONDS = 1.8
NOBODY = "service:storefront"  # the subject of calls that concern no shopper


def quote(
    lines: Sequence[Wanted],
    *,
    subject: str,
    country: str,
    shipping_method: str | None = None,
) -> answers.Quote:
    """Shipping, totals and the lines in their order."""

    def send(wanted: WireLines) -> Answer:
        return _http().call(
            "POST",
            "/v1/quotes",
            operation="quote",
            subject=subject,
            json={"lines": wanted, "country": country, "shipping_method": shipping_method},
            deadline_seconds=within(QUOTE_SECONDS),
            retry_safe=True,
        )

    answer = by_variant(send, lines)
    quote = wire.understood(UPSTREAM, answers.quote, answer.body)
    wire.understood(UPSTREAM, lambda found: wire.as_many(len(lines), found), quote.lines)
    return quote


def place(body: Mapping[str, Any], *, key: str, subject: str) -> answers.Order:
    """Place the order that `body` describes; repeating with the same key gives the same order."""

    def send(wanted: WireLines) -> Answer:
        return _http().call(
            "POST",
            "/v1/orders",
            operation="place_order",
            subject=subject,
            json={**body, "lines": wanted},
            headers={"Idempotency-Key": key},
            deadline_seconds=within(PLACE_SECONDS),
        )

    answer = by_variant(send, [Wanted.from_wire(line) for line in body["lines"]])
    return wire.understood(UPSTREAM, answers.order, answer.body)


def order(number: str, *, subject: str, token: str) -> answers.Order:
    answer = _http().call(
        "GET",
        f"/v1/orders/{number}",
        operation="get_order",
        subject=subject,
        headers=_link(token),
        deadline_seconds=within(READ_SECONDS),
    )
    return wire.understood(UPSTREAM, answers.order, answer.body)


def orders(*, subject: str, older: str = "") -> answers.OrderPage:
    """A page of a shopper's orders: the newest, or those that `older` of a page asks for."""
    answer = _read("/v1/orders", "list_orders", subject, **({"cursor": older} if older else {}))
    return wire.understood(UPSTREAM, answers.order_page, answer.body)


def cancel(number: str, *, subject: str, token: str) -> answers.Order:
    answer = _http().call(
        "POST",
        f"/v1/orders/{number}/cancel",
        operation="cancel_order",
        subject=subject,
        headers=_link(token),
        deadline_seconds=within(READ_SECONDS),
    )
    return wire.understood(UPSTREAM, answers.order, answer.body)


def look_up(number: str, email: str, *, subject: str, token: str, address: str) -> answers.LookedUp:
    """The order that was placed with `email`. Tries are counted for `address`."""
    answer = _http().call(
        "POST",
        "/v1/orders/lookup",
        operation="look_up_order",
        subject=subject,
        json={"number": number, "email": email},
        headers={"Client-Address": address, **_link(token)},
        deadline_seconds=within(READ_SECONDS),
    )
    return wire.understood(UPSTREAM, answers.looked_up, answer.body)


def payment_methods() -> Any:
    """The JSON of the ways to pay; see order_answers.payment_methods."""
    return _read("/v1/payment-methods", "list_payment_methods", NOBODY).body


def shipping_methods() -> Any:
    """The JSON of the ways to ship; see order_answers.shipping_offers."""
    return _read("/v1/shipping-methods", "list_shipping_methods", NOBODY).body


def countries() -> Any:
    """The JSON of the countries that are delivered to; see order_answers.countries."""
    return _read("/v1/countries", "list_countries", NOBODY).body


def _read(path: str, operation: str, subject: str, **params: str) -> Answer:
    return _http().call(
        "GET",
        path,
        operation=operation,
        subject=subject,
        params=params,
        deadline_seconds=within(READ_SECONDS),
    )


def _link(token: str) -> dict[str, str]:
    return {"Order-Token": token} if token else {}


@cache
def _http() -> ServiceClient:
    signer = TokenSigner("storefront", settings.SIGNING_KEY)
    return ServiceClient(
        upstream=UPSTREAM,
        base_url=settings.ORDER_SERVICE_URL,
        deadline_seconds=READ_SECONDS,
        token=lambda subject: signer.mint(UPSTREAM, subject, "orders"),
    )
