"""The differences that the reconciler found between our books and others', and how they ended."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from order_service.orders.models import Order


class DriftKind(models.TextChoices):
    PAYMENT_LEFT_OPEN = "payment_left_open"  # a finished order, and money may still be held
    PAYMENT_UNKNOWN = "payment_unknown"  # the provider holds money under a key that is not ours
    PAYMENT_TAKEN = "payment_taken"  # the provider took money, and no order of ours is paid by it
    STOCK_LEFT_BEHIND = "stock_left_behind"  # a cancelled order whose goods are still put aside
    BOOKS_DIFFER = "books_differ"  # the ledger does not say what a finished order says


class DriftQuerySet(models.QuerySet["Drift"]):
    """Reads of differences."""

    def unrepaired(self) -> DriftQuerySet:
        return self.filter(repaired_at__isnull=True)


class Drift(models.Model):
    """One difference. Found once while it is open, however often it is looked for."""

    kind = models.CharField(max_length=30, choices=DriftKind.choices)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="drifts", null=True)
    reference = models.CharField(max_length=120)  # the order's number, or the provider's id
    details = models.JSONField(default=dict)
    found_at = models.DateTimeField(db_default=Now())
    repaired_at = models.DateTimeField(null=True)  # null: not yet, or only a person can

    objects = DriftQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"],
                name="drift_open_once",
                condition=Q(repaired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reference}"


class LookedUntil(models.Model):
    """Up to when the provider's list has been held against our books.

    It is in the database that a restore puts back, so a restored shop looks at everything that
    happened at the provider since the time of the backup.
    """

    kind = models.CharField(max_length=30, choices=DriftKind.choices, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "looked until"

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
