"""What the reservation calls take and answer."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from chassis.fields import BoundedListField, WholeNumberField
from chassis.serializers import StrictSerializer
from product_service.catalogue.serializers import LINES_MAX, WantedLine
from product_service.inventory.errors import AmbiguousSku
from product_service.inventory.models import Reservation
from product_service.inventory.reservations import Wanted

DAY_SECONDS = 86_400


class WantedReservation(StrictSerializer):
    lines = BoundedListField(child=WantedLine(), max_length=LINES_MAX)
    ttl_seconds = WholeNumberField(min_value=1, max_value=DAY_SECONDS, default=1800)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One SKU stands for one variant in a reservation."""
        if len({line["sku"] for line in lines}) < len({_key(line) for line in lines}):
            raise AmbiguousSku("Lines of one SKU name different variants.")
        return lines

    @property
    def wanted(self) -> list[Wanted]:
        """Lines of one SKU are merged."""
        merged: Counter[tuple[str, int | None]] = Counter()
        for line in self.validated_data["lines"]:
            merged[_key(line)] += line["quantity"]
        return [Wanted(sku, quantity, variant) for (sku, variant), quantity in merged.items()]

    @property
    def ttl(self) -> timedelta:
        return timedelta(seconds=self.validated_data["ttl_seconds"])


def _key(line: dict[str, Any]) -> tuple[str, int | None]:
    return line["sku"], line.get("variant_id")


class HeldLine(serializers.Serializer[Any]):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()


class ShortLine(serializers.Serializer[Any]):
    sku = serializers.CharField()
    wanted = serializers.IntegerField()
    available = serializers.IntegerField()


class ReservationAnswer(serializers.Serializer[Any]):
    """`lines` is empty if it was released before it was made; `short` only if it was refused."""

    order_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Reservation.State.choices)
    expires_at = serializers.DateTimeField()
    lines = HeldLine(many=True)
    short = ShortLine(many=True, required=False)
