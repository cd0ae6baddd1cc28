"""An attempt to order: what the shopper saw on the review page, frozen."""

from __future__ import annotations

import uuid

from django.db import models


class Checkout(models.Model):
    """One rendered review page. Its id is the Idempotency-Key, its body is what is sent.

    Sending the frozen body, and not today's cart, makes a second press of the button, a Back or
    a repeat after a time-out the same request: it can only lead to the same order.
    """

    attempt = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=80)
    body = models.JSONField()  # the body of POST /v1/orders
    order_number = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="checkout_created_at")]

    def __str__(self) -> str:
        return f"attempt {self.attempt}"
