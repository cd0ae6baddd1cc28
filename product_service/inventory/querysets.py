"""Reads of the inventory, phrased as filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now

if TYPE_CHECKING:
    from product_service.inventory.models import Reservation, StockItem  # noqa: F401


class StockItemQuerySet(QuerySet["StockItem"]):
    def sold_out(self) -> StockItemQuerySet:
        return self.filter(on_hand__lte=F("reserved"))

    def low(self) -> StockItemQuerySet:
        """Something is left, but no more than `low_at`."""
        return self.filter(on_hand__gt=F("reserved"), on_hand__lte=F("reserved") + F("low_at"))

    def drifted(self) -> StockItemQuerySet:
        """Items that their movements do not explain. Always empty, unless there is a bug."""
        sums = self.annotate(
            moved_on_hand=Coalesce(Sum("movements__d_on_hand"), 0),
            moved_reserved=Coalesce(Sum("movements__d_reserved"), 0),
            moved_times=Count("movements"),
            moved_last=Coalesce(Max("movements__version"), 0),
        )
        return sums.exclude(
            Q(on_hand=F("moved_on_hand"))
            & Q(reserved=F("moved_reserved"))
            & Q(version=F("moved_times"))
            & Q(version=F("moved_last"))
        )

    def wrongly_reserved(self) -> StockItemQuerySet:
        """Items whose `reserved` is not what held reservations hold. Always empty, likewise."""
        held = Sum(
            "variant__reservation_lines__quantity",
            filter=Q(variant__reservation_lines__reservation__state="held"),
        )
        return self.annotate(held=Coalesce(held, 0)).exclude(reserved=F("held"))


class ReservationQuerySet(QuerySet["Reservation"]):
    def held(self) -> ReservationQuerySet:
        return self.filter(state="held")

    def overdue(self) -> ReservationQuerySet:
        """Held, and their time is over by the database's clock."""
        return self.held().filter(expires_at__lte=Now())
