"""Count sheets: what was counted of each variant, and what the books said at that moment.

    StockTake --< CountLine

A line keeps the stock on the books at the moment of counting. Booking adds the difference of the
two to the stock of now: what was sold or received in between is not lost.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from product_service.catalogue.models import Variant

MOST_LINES = 500
MOST_PIECES = 1_000_000


class StockTake(models.Model):
    """A count sheet; open until it is booked."""

    name = models.CharField(max_length=80)
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_by = models.CharField(max_length=150)  # user name
    # Forms whose lines were added, so that one that is sent twice counts once.
    references = ArrayField(models.UUIDField(), default=list)
    booked_at = models.DateTimeField(null=True, editable=False)
    booked_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "stock_take"
        ordering = ["-id"]
        verbose_name = "stock-take"

    def __str__(self) -> str:
        return self.name


class CountLine(models.Model):
    """A variant on a sheet; `counted` is None until somebody has counted it."""

    stock_take = models.ForeignKey(StockTake, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="count_lines")
    counted = models.PositiveIntegerField(null=True)
    on_books = models.IntegerField(null=True)  # at `counted_at`
    counted_at = models.DateTimeField(null=True)
    counted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "stock_take_line"
        ordering = ["variant__sku"]
        constraints = [
            models.UniqueConstraint(
                fields=["stock_take", "variant"], name="stock_take_line_variant_once"
            ),
            models.CheckConstraint(
                condition=Q(counted=None, on_books=None, counted_at=None)
                | Q(counted__isnull=False, on_books__isnull=False, counted_at__isnull=False),
                name="stock_take_line_counted_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.counted}"

    @property
    def difference(self) -> int | None:
        """What booking adds to the stock; negative takes away."""
        if self.counted is None or self.on_books is None:
            return None
        return self.counted - self.on_books
