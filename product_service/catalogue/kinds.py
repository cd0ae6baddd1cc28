"""What products are described by: options, in which variants differ, and typed attributes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from product_service.catalogue.sorting import SortKey


class Option(models.Model):
    """A way in which variants of a product differ, for example colour; shared by all products."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "option"
        ordering = ["position", SortKey("name")]

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """A typed fact about products, for example memory (number, GB)."""

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        BOOLEAN = "boolean"

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    unit = models.CharField(max_length=20, blank=True)  # of numbers: "GB", "mAh"
    position = models.PositiveIntegerField(default=0)
    is_key_spec = models.BooleanField(default=False)  # one of the three facts on a card

    class Meta:
        db_table = "attribute"
        ordering = ["position", SortKey("name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["text", "number", "boolean"]), name="attribute_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
