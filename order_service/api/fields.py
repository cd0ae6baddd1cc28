"""Fields of request bodies that are orders' own."""

from __future__ import annotations

from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chassis.fields import ShapedField, TextField, WholeNumberField
from order_service.pricing.models import COUNTRY_CODE, METHOD_CODE, ShippingMethod
from order_service.pricing.price_list import price_list

MAX_QUANTITY = 99  # of one line
MAX_LINES = 50
MAX_TYPED = 300  # characters around an order number: a whole subject line, or a link


class QuantityField(WholeNumberField):
    """From 1 to 99."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_QUANTITY, **kwargs)


class VariantIdField(WholeNumberField):
    """Of product_service; with it a line follows the variant, whatever its SKU is now."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**53 - 1, required=False, **kwargs)


class SkuField(ShapedField):
    """Up to 64 letters, digits, dots, dashes and underscores."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[A-Za-z0-9][A-Za-z0-9._-]*", "This is not a SKU.", max_length=64, **kwargs
        )


class TypedNumberField(TextField):
    """An order number as people type or paste it; `chassis.ids.order_number` reads it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shape=ProhibitNullCharactersValidator(), max_length=MAX_TYPED, **kwargs)


class OfferedField(serializers.ChoiceField):
    """A code of a row that staff may switch off at any time. A question for a price (`is_asked`)
    may name one that is off, so that a checkout which began before is told on its page."""

    def __init__(self, *, is_asked: bool = False, **kwargs: Any) -> None:
        self.is_asked = is_asked
        super().__init__(choices=[], **kwargs)


@extend_schema_field({"type": "string", "pattern": COUNTRY_CODE})
class CountryField(OfferedField):
    """One of GET /v1/countries; becomes its code."""

    def to_internal_value(self, data: Any) -> str:
        country = price_list().countries.get(data) if isinstance(data, str) else None
        if country is None or not (country.is_served or self.is_asked):
            self.fail("invalid_choice", input=data)
        return country.code


@extend_schema_field({"type": "string", "pattern": METHOD_CODE})
class ShippingMethodField(OfferedField):
    """One of GET /v1/shipping-methods; becomes its row."""

    def to_internal_value(self, data: Any) -> ShippingMethod:  # type: ignore[override]
        method = price_list().shipping_methods.get(data) if isinstance(data, str) else None
        if method is None or not (method.is_offered or self.is_asked):
            self.fail("invalid_choice", input=data)
        return method
