"""What was added to the price of an order's goods or taken off it, one row each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from order_service.pricing.adjustments import DISCOUNTS, AdjustmentKind

ALL_DISCOUNTS = sorted(DISCOUNTS)


class OrderAdjustment(models.Model):
    """An adjustment as it was when the order was placed: append-only.

    The columns of the order are the sums of its rows, by kind: `discount`, `shipping`, `fees`, and
    `tax` together with its lines. The database refuses rows that do not add up to them (migration
    0011). An order of a previous version has none, until it is filled in (0015); its columns hold.
    """

    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="adjustments", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    line = models.PositiveSmallIntegerField(null=True)  # position of the line it takes off from
    kind = models.CharField(max_length=20, choices=AdjustmentKind.choices)
    label = models.CharField(max_length=120)  # as the shopper reads it
    amount = models.DecimalField(max_digits=12, decimal_places=2)  # negative: taken off
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    tax = models.DecimalField(max_digits=12, decimal_places=2)  # inside the amount
    source = models.CharField(max_length=60)  # the shipping method or coupon that it came from

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_adjustment_position"),
            models.CheckConstraint(
                name="order_adjustment_kind_known", condition=Q(kind__in=AdjustmentKind.values)
            ),
            models.CheckConstraint(
                name="order_adjustment_only_discounts_take_off",
                condition=Q(kind__in=ALL_DISCOUNTS, amount__lte=0, tax__lte=0)
                | (~Q(kind__in=ALL_DISCOUNTS) & Q(amount__gte=0, tax__gte=0)),
            ),
            models.CheckConstraint(
                name="order_adjustment_line_iff_line_discount",
                condition=Q(kind=AdjustmentKind.LINE_DISCOUNT, line__isnull=False)
                | (~Q(kind=AdjustmentKind.LINE_DISCOUNT) & Q(line__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.amount}"
