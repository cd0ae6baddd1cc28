"""Addresses that products had: a link to one leads to where the product is now."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class FormerSlug(models.Model):
    """A slug that no product has any more, and the product that had it last."""

    slug = models.SlugField(max_length=160, primary_key=True)
    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "former_slug"

    def __str__(self) -> str:
        return self.slug
