"""Reads of bulk changes, phrased as filters."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

if TYPE_CHECKING:
    from product_service.bulk.models import PriceLine  # noqa: F401

JUMP = Decimal("0.5")  # of the price: what changes by more is pointed out
JUMPS = Q(after__gt=F("before") * (1 + JUMP)) | Q(after__lt=F("before") * (1 - JUMP))


class PriceLineQuerySet(QuerySet["PriceLine"]):
    def jumping(self) -> PriceLineQuerySet:
        return self.filter(JUMPS)

    def dropping_prior(self) -> PriceLineQuerySet:
        """The price that was struck through would no longer be the higher one."""
        return self.filter(prior_before__isnull=False, prior_after=None)

    def jumps_first(self) -> PriceLineQuerySet:
        """With `is_jump`, in the order of their names."""
        is_jump = ExpressionWrapper(JUMPS, output_field=BooleanField())
        ordered = self.annotate(is_jump=is_jump).select_related("variant__product")
        return ordered.order_by("-is_jump", "variant__product__name_key", "variant__sku")
