"""Reads of the inventory, phrased as filters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now

if TYPE_CHECKING:
    from product_service.inventory.models import Reservation, StockItem  # noqa: F401

SOLD_DAYS = 28  # what the days of cover are reckoned from
SHORT_DAYS = 14  # of cover: less is pointed out


class StockItemQuerySet(QuerySet["StockItem"]):
    def sold_out(self) -> StockItemQuerySet:
        return self.filter(on_hand__lte=F("reserved"))

    def low(self) -> StockItemQuerySet:
        """Something is left, but no more than `low_at`."""
        return self.filter(on_hand__gt=F("reserved"), on_hand__lte=F("reserved") + F("low_at"))

    def with_sold(self) -> StockItemQuerySet:
        """With `sold`: pieces that were sold in the last 28 days, less those that came back."""
        movements = apps.get_model("inventory", "StockMovement").objects
        recent = movements.filter(
            stock_item=OuterRef("pk"),
            reason__in=("commit", "restock"),
            at__gte=Now() - timedelta(days=SOLD_DAYS),
        )
        total = recent.order_by().values("stock_item").annotate(total=-Sum("d_on_hand"))
        return self.annotate(sold=Coalesce(Subquery(total.values("total")), 0))

    def short(self) -> StockItemQuerySet:
        """What is left lasts for less than SHORT_DAYS, if it goes on selling as it did."""
        left = (F("on_hand") - F("reserved")) * SOLD_DAYS
        needed = F("sold") * SHORT_DAYS
        sold = self.with_sold().alias(left=left, needed=needed)
        return sold.filter(needed__gt=0, left__lt=F("needed"))

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
