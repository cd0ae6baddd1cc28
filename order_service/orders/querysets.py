"""Reads of orders and deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from order_service.orders.states import TERMINAL

if TYPE_CHECKING:
    from order_service.orders.models import Delivery, Order  # noqa: F401  (type arguments)


class OrderQuerySet(QuerySet["Order"]):
    """Filters over orders."""

    def undecided(self) -> OrderQuerySet:
        return self.exclude(state__in=TERMINAL)

    def unannounced(self) -> OrderQuerySet:
        """Due, and no worker was told yet."""
        due = self.filter(next_attempt_at__lte=Now(), attention_at__isnull=True)
        is_free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
        return due.filter(is_free, published_at__isnull=True)

    def in_attention(self) -> OrderQuerySet:
        """What needs attention: workers leave it alone until staff retry it."""
        return self.filter(attention_at__isnull=False)


class DeliveryQuerySet(QuerySet["Delivery"]):
    """Filters over deliveries."""

    def unsent(self) -> DeliveryQuerySet:
        return self.filter(sent_at__isnull=True)

    def link_mails_of(self, order_id: uuid.UUID) -> DeliveryQuerySet:
        return self.filter(event__order_id=order_id, topic="order_link")

    def due_by(self, time: Combinable, columns: Mapping[str, str]) -> DeliveryQuerySet:
        """Due at `time`, each by the column of its channel."""
        is_due = Q()
        for channel, column in columns.items():
            is_due |= Q(channel=channel, **{f"{column}__lte": time})
        return self.filter(is_due)

    def unannounced(self, due_column: str) -> DeliveryQuerySet:
        """Due by this column, and no worker was told yet."""
        due = self.unsent().filter(**{f"{due_column}__lte": Now()}, attention_at__isnull=True)
        return due.filter(published_at__isnull=True)

    def given_up(self, due_column: str) -> DeliveryQuerySet:
        """What needs attention and would be due by this column."""
        has_time = {f"{due_column}__isnull": False}
        return self.unsent().filter(**has_time, attention_at__isnull=False)
