"""What the shop offers to everybody: countries, ways to pay and to ship, asked once a minute."""

from __future__ import annotations

from typing import TypeVar

from chassis.http import UpstreamError
from chassis.money import Money
from storefront.clients import orders
from storefront.clients.order_answers import Country, PaymentMethod, ShippingOffer
from storefront.last_known import current_or_last_known

FRESH_SECONDS = 60.0
CAN_BE_SHOWN = "token"  # the kind of payment that needs no page but the checkout's

T = TypeVar("T")


def countries() -> tuple[Country, ...]:
    return _offered(Country, "countries")


def country_name(code: str) -> str:
    """The country of that code; the code itself while nobody can say."""
    try:
        return next((each.name for each in countries() if each.code == code), code)
    except UpstreamError:
        return code


def payment_methods() -> tuple[PaymentMethod, ...]:
    """The ways to pay of a kind that the checkout can show."""
    offered = _offered(PaymentMethod, "payment-methods")
    return tuple(method for method in offered if method.kind == CAN_BE_SHOWN)


def shipping_offers() -> tuple[ShippingOffer, ...]:
    """The ways to ship, whatever is in the cart; none while nobody can say."""
    try:
        return _offered(ShippingOffer, "shipping-methods")
    except UpstreamError:
        return ()


def usual_shipping() -> str | None:
    """The delivery that a checkout begins with; None while nobody can say."""
    return next((offer.code for offer in shipping_offers()), None)


def missing_for_free_shipping(subtotal: Money) -> Money | None:
    """How much more buys free delivery; None if it is free already, or never."""
    limits = [offer.free_from for offer in shipping_offers() if offer.free_from is not None]
    least = min(limits, key=lambda limit: limit.amount, default=subtotal)
    return least - subtotal if least.amount > subtotal.amount else None


def _offered(shape: type[T], name: str) -> tuple[T, ...]:
    offer = current_or_last_known(orders.offer(shape, name), fresh_seconds=FRESH_SECONDS)
    return offer.value.items
