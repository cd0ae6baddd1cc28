"""Reads of drifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from order_service.audit.models import Drift  # noqa: F401  (type argument)


class DriftQuerySet(QuerySet["Drift"]):
    """Filters over drifts."""

    def unrepaired(self) -> DriftQuerySet:
        return self.filter(repaired_at__isnull=True)
