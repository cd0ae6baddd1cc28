"""What order_service offers to every shopper: countries and ways to pay, asked once a minute."""

from __future__ import annotations

from chassis.http import UpstreamError
from storefront.clients import order_answers, orders
from storefront.clients.order_answers import Country, PaymentMethod
from storefront.last_known import current_or_last_known

FRESH_SECONDS = 60.0


def countries() -> tuple[Country, ...]:
    return current_or_last_known(
        "countries",
        upstream=orders.UPSTREAM,
        ask=orders.countries,
        parse=order_answers.countries,
        fresh_seconds=FRESH_SECONDS,
    ).value


def payment_methods() -> tuple[PaymentMethod, ...]:
    return current_or_last_known(
        "payment-methods",
        upstream=orders.UPSTREAM,
        ask=orders.payment_methods,
        parse=order_answers.payment_methods,
        fresh_seconds=FRESH_SECONDS,
    ).value


def country_name(code: str) -> str:
    """The country of that code; the code itself while nobody can say."""
    try:
        offered = countries()
    except UpstreamError:
        return code
    return next((country.name for country in offered if country.code == code), code)
