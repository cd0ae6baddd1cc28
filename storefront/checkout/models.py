"""An attempt to order: what the shopper saw on the review page, frozen."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from storefront.statements import instances

CALLED = "SELECT {columns} FROM checkout_checkout WHERE attempt = %s AND subject = %s"
OPEN_AND_SENT = """
SELECT {columns} FROM checkout_checkout
WHERE subject = %s AND order_number IS NULL AND content IS NOT NULL AND sent_at IS NOT NULL
"""
UNANSWERED = models.Q(order_number=None, content__isnull=False, sent_at__isnull=False)


class CheckoutQuerySet(models.QuerySet[Any]):
    def called(self, attempt: str, *, subject: str | None) -> Checkout | None:
        """The subject's attempt of that id; None for a foreign, unknown or malformed one."""
        try:
            key = uuid.UUID(attempt)
        except ValueError:
            return None
        return next(iter(instances(Checkout, CALLED, [key, subject])), None)

    def unanswered(self, subject: str | None) -> Checkout | None:
        """The subject's open attempt, if it was sent and nobody knows what became of it."""
        if subject is None:
            return None
        return next(iter(instances(Checkout, OPEN_AND_SENT, [subject])), None)


class Checkout(models.Model):
    """What a shopper is about to order. Its id is the Idempotency-Key, its body is what is sent.

    A shopper has one open attempt at most. It follows what they are shown until it leads to an
    order; the id stays, so whatever is sent from one cart can lead to one order only. Sending the
    frozen body, and not today's cart, makes a repeat after a time-out the same request.
    """

    attempt = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=80)
    body = models.JSONField()  # the body of POST /v1/orders
    # SHA-256 of the body; a page names the one that it showed. Empty: a page from before the
    # column. Null: written by the previous version, never open.
    content = models.CharField(max_length=64, null=True)
    sent_at = models.DateTimeField(null=True)  # null: not sent, or refused since
    order_number = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField(auto_now_add=True)  # or last shown, or sent: then it is new

    objects = CheckoutQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="checkout_created_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=models.Q(order_number__isnull=True, content__isnull=False),
                name="checkout_one_open_a_subject",
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.attempt}"
