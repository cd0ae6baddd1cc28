"""What delivery costs a cart before the shopper has chosen one, by the rules of order_service."""

from __future__ import annotations

from chassis.http import UpstreamError
from chassis.money import Money
from storefront.clients import order_answers, orders
from storefront.clients.order_answers import ShippingOffer
from storefront.last_known import current_or_last_known

FRESH_SECONDS = 60.0


def usual_method() -> str | None:
    """The delivery that a checkout begins with; None while nobody can say."""
    return next((offer.code for offer in _offers()), None)


def missing_for_free(subtotal: Money) -> Money | None:
    """How much more buys free delivery; None if it is free already, or never."""
    limits = [offer.free_from for offer in _offers() if offer.free_from is not None]
    least = min(limits, key=lambda limit: limit.amount, default=subtotal)
    return least - subtotal if least.amount > subtotal.amount else None


def _offers() -> tuple[ShippingOffer, ...]:
    try:
        return current_or_last_known(
            "shipping-methods",
            upstream=orders.UPSTREAM,
            ask=orders.shipping_methods,
            parse=order_answers.shipping_offers,
            fresh_seconds=FRESH_SECONDS,
        ).value
    except UpstreamError:
        return ()
