"""What clients send, checked and turned into the frozen types of the shop."""

from __future__ import annotations

from typing import Any

from chassis.fields import BoundedListField, EmailField, ShapedField, TextField
from chassis.serializers import MoneyField, StrictSerializer
from order_service.api.fields import (
    MAX_LINES,
    CountryField,
    QuantityField,
    ShippingMethodField,
    SkuField,
    TypedNumberField,
    VariantIdField,
)
from order_service.clients.quotes import WantedLine
from order_service.orders.addresses import Address
from order_service.orders.placing import Draft


class LineInput(StrictSerializer):
    """A product by its SKU or, where it is given, its variant id, and how many of it."""

    sku = SkuField()
    variant_id = VariantIdField()
    quantity = QuantityField()


class AddressInput(StrictSerializer):
    """The delivery address."""

    name = TextField(max_length=120)
    line1 = TextField(max_length=120)
    line2 = TextField(max_length=120, allow_blank=True, required=False, default="")
    postal_code = TextField(max_length=20)
    city = TextField(max_length=80)
    country = CountryField()


class QuoteInput(StrictSerializer):
    """A cart to price."""

    lines = BoundedListField(child=LineInput(), max_length=MAX_LINES)
    country = CountryField(required=False)
    shipping_method = ShippingMethodField(allow_null=True, required=False, default=None)


class PlaceInput(StrictSerializer):
    """An order to place. `expected_total` is the total that the shopper agreed to."""

    lines = BoundedListField(child=LineInput(), max_length=MAX_LINES)
    email = EmailField()
    shipping_address = AddressInput()
    shipping_method = ShippingMethodField()
    payment_token = ShapedField(r"^[A-Za-z0-9_-]+", "This is not a payment token.", max_length=128)
    expected_total = MoneyField()


class LookupInput(StrictSerializer):
    """Number and e-mail address of a guest's order."""

    number = TypedNumberField()
    email = EmailField()


def wanted_lines(validated: dict[str, Any]) -> tuple[WantedLine, ...]:
    return tuple(WantedLine(**line) for line in validated["lines"])


def draft(validated: dict[str, Any]) -> Draft:
    """The order that a valid PlaceInput asks for."""
    return Draft(
        lines=wanted_lines(validated),
        email=validated["email"],
        address=Address(**validated["shipping_address"]),
        shipping_method=validated["shipping_method"],
        payment_token=validated["payment_token"],
        expected_total=validated["expected_total"],
    )
