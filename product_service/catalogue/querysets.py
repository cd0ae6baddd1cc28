"""Reads of the catalogue, phrased as filters.

The lists and pages that shoppers see are one statement each, in `listing`, `detail` and `quoting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

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
