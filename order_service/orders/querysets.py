"""Reads of orders and deliveries, named as the shop would say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from order_service.orders.states import TERMINAL

if TYPE_CHECKING:
    from order_service.orders.models import Delivery, Order  # noqa: F401  (type arguments)


class OrderQuerySet(QuerySet["Order"]):
    """Filters over orders."""

    def of(self, subject: str) -> OrderQuerySet:
        """The orders that `subject` placed."""
        return self.filter(subject=subject)

    def undecided(self) -> OrderQuerySet:
        return self.exclude(state__in=TERMINAL)

    def in_attention(self) -> OrderQuerySet:
        """What waits for a person."""
        return self.filter(attention_at__isnull=False)


class DeliveryQuerySet(QuerySet["Delivery"]):
    """Filters over deliveries."""

    def unsent(self) -> DeliveryQuerySet:
        return self.filter(Q(sent_at__isnull=True))
