"""Changes of many products at once, and what each product or variant was before.

    BulkChange --< PriceLine      a variant whose price changes: before and after
               `--< ProductLine   a product that is published, hidden or moved: before and after

A change is asked for (which products), previewed (its lines), then made, and may be undone for a
day. What was made is kept, so that the price of a variant can be followed back. What was only asked
for or previewed goes after a day.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from product_service.bulk.querysets import PriceLineQuerySet
from product_service.catalogue.models import Product, Variant

UNDO_FOR = timedelta(hours=24)


class Kind(models.TextChoices):
    PRICES = "prices", "Change prices"
    PUBLISH = "publish", "Publish"
    UNPUBLISH = "unpublish", "Unpublish"
    MOVE = "move", "Move to a category"


class BulkChange(models.Model):
    """One change of many products: who, when, why, and how far it is."""

    kind = models.CharField(max_length=12, choices=Kind.choices)
    product_ids = ArrayField(models.BigIntegerField())  # that were chosen
    # What is to be done: {"way": "percent", "by": "5", "ending": "99"}, {"category_id": 7}.
    rule = models.JSONField(default=dict)
    # Why products or variants that were chosen have no line, and how many: {"no_price": 2}.
    left_out = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField("by", max_length=150)  # user name
    previewed_at = models.DateTimeField(null=True, editable=False)  # which preview was seen
    made_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.CharField(max_length=150, blank=True)
    undo_left = models.PositiveIntegerField(default=0)  # lines that had been changed since

    class Meta:
        db_table = "bulk_change"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="bulk_change_kind_known")
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(made_at=None), name="bulk_change_not_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def can_be_undone(self) -> bool:
        if self.made_at is None or self.undone_at is not None:
            return False
        return timezone.now() < self.made_at + UNDO_FOR


class PriceLine(models.Model):
    """A variant's price before and after, in the store's currency."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="price_lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="price_lines")
    before = models.DecimalField(max_digits=12, decimal_places=2)
    after = models.DecimalField(max_digits=12, decimal_places=2)
    prior_before = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    prior_after = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    objects = PriceLineQuerySet.as_manager()

    class Meta:
        db_table = "bulk_price_line"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "variant"], name="bulk_price_line_once"),
            models.CheckConstraint(condition=~Q(after=F("before")), name="bulk_price_line_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.before} → {self.after}"


class ProductLine(models.Model):
    """Columns of a product before and after: `{"category_id": 3}`, `{"is_published": false}`."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="product_lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="bulk_lines")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        db_table = "bulk_product_line"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "product"], name="bulk_product_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.before} → {self.after}"
