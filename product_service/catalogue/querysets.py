"""Reads of the catalogue, phrased as filters.

The lists and pages that shoppers see are one statement each, in `listing`, `detail` and `quoting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

if TYPE_CHECKING:
    from product_service.catalogue.models import Product  # noqa: F401


class ProductQuerySet(QuerySet["Product"]):
    def kept(self) -> ProductQuerySet:
        return self.filter(deleted_at__isnull=True)

    def published(self) -> ProductQuerySet:
        return self.kept().filter(is_published=True)

    def buyable(self) -> ProductQuerySet:
        """With a variant that is sold and has a price; stock is another matter."""
        return self.filter(variants__is_active=True, variants__price__isnull=False).distinct()

    def sold_out(self) -> ProductQuerySet:
        """With a variant of which nothing is left."""
        return self.filter(
            variants__is_active=True,
            variants__stock_item__on_hand__lte=F("variants__stock_item__reserved"),
        ).distinct()

    def low(self) -> ProductQuerySet:
        """With a variant of which only a few are left."""
        reserved = F("variants__stock_item__reserved")
        return self.filter(
            variants__is_active=True,
            variants__stock_item__on_hand__gt=reserved,
            variants__stock_item__on_hand__lte=reserved + F("variants__stock_item__low_at"),
        ).distinct()
