"""Reads of attempts, always from the subject that owns them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from storefront.checkout.models import Checkout


UNANSWERED = models.Q(order_number=None, content__isnull=False, sent_at__isnull=False)


class CheckoutQuerySet(models.QuerySet[Any]):
    def called(self, attempt: str, *, subject: str | None) -> Checkout | None:
        """The subject's attempt of that id; None for a foreign, unknown or malformed one."""
        try:
            key = uuid.UUID(attempt)
        except ValueError:
            return None
        return self.filter(attempt=key, subject=subject).first()

    def unanswered(self, subject: str | None) -> Checkout | None:
        """The subject's open attempt, if it was sent and nobody knows what became of it."""
        return self.filter(UNANSWERED, subject=subject).first() if subject is not None else None
