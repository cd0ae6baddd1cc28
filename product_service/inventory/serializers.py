"""What the reservation calls take and answer."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from chassis.fields import BoundedListField, WholeNumberField
from chassis.serializers import StrictSerializer
from product_service.catalogue.serializers import LINES_MAX, WantedLine
from product_service.inventory.models import Reservation

DAY_SECONDS = 86_400


class WantedReservation(StrictSerializer):
    lines = BoundedListField(child=WantedLine(), max_length=LINES_MAX)
    ttl_seconds = WholeNumberField(min_value=1, max_value=DAY_SECONDS, default=1800)

    @property
    def wanted(self) -> dict[str, int]:
        """Quantity by SKU: lines of one SKU are merged."""
        merged: Counter[str] = Counter()
        for line in self.validated_data["lines"]:
            merged[line["sku"]] += line["quantity"]
        return dict(merged)

    @property
    def ttl(self) -> timedelta:
        return timedelta(seconds=self.validated_data["ttl_seconds"])


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
