"""Strict input: unknown fields and NUL bytes are refused, money is text with a currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chassis.money import AMOUNT, CURRENCY, Money, WireMoney


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for input that answers 400 and names each field that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                message = "This field is not known here; leave it out."
                refusal = serializers.ErrorDetail(message, code="unknown_field")
                raise serializers.ValidationError({name: [refusal] for name in unknown})
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "amount": {"type": "string", "pattern": f"^{AMOUNT.pattern}$"},
            "currency": {"type": "string", "pattern": f"^{CURRENCY.pattern}$"},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "example": {"amount": "19.90", "currency": "EUR"},
    }
)
class MoneyField(serializers.Field[Money, Any, WireMoney, Any]):
    """Money in its wire form, `{"amount": "19.90", "currency": "EUR"}`."""

    def to_internal_value(self, data: Any) -> Money:
        try:
            return Money.from_wire(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_money") from None

    def to_representation(self, value: Money) -> WireMoney:
        return value.to_wire()
