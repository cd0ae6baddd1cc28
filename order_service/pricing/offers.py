"""Whether a way to ship and a country are offered now: rows, which staff switch off at any time."""

from __future__ import annotations

from chassis.errors import FieldError, Unprocessable
from order_service.pricing.models import ShippingMethod
from order_service.pricing.price_list import price_list


class NotOffered(Unprocessable):
    """The shop does not ship like this, or not to this country. `errors` names the field; choose
    one of `GET /v1/shipping-methods` or `GET /v1/countries`."""

    code, title = "not_offered", "Not offered"


NO_METHOD = "This delivery is not offered. Choose another one."
NO_COUNTRY = "We don't deliver to this country. Choose another one."


def method_to_place(code: str, *, country: str) -> ShippingMethod:
    """The way that an order to `country` is shipped. Raises NotOffered."""
    prices = price_list()
    method, destination = prices.shipping_methods.get(code), prices.countries.get(country)
    errors = []
    if destination is None or not destination.is_served:
        errors.append(FieldError("/shipping_address/country", NO_COUNTRY, NotOffered.code))
    if method is None or not method.is_offered:
        errors.append(FieldError("/shipping_method", NO_METHOD, NotOffered.code))
    if method is None or errors:
        raise NotOffered("Choose what is offered now.", errors=errors)
    return method


def method_to_quote(code: str | None, *, country: str) -> ShippingMethod | None:
    """The way to ship that a quote reckons with; None for one that was switched off, so that a
    checkout which chose it before is still priced. Raises NotOffered for what never was."""
    prices = price_list()
    errors = []
    if country and country not in prices.countries:
        errors.append(FieldError("/country", NO_COUNTRY, NotOffered.code))
    if code and code not in prices.shipping_methods:
        errors.append(FieldError("/shipping_method", NO_METHOD, NotOffered.code))
    if errors:
        raise NotOffered("Choose what is offered now.", errors=errors)
    method = prices.shipping_methods[code] if code else None
    return method if method and method.is_offered else None
