"""An attempt to order: what the shopper saw on the review page, frozen."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from django.db import models

from storefront.statements import instances

# An attempt that was sent, and nobody knows what became of it: for statements, for the ORM, and of
# a row that was read (`Checkout.is_unanswered`).
IS_UNANSWERED = "order_number IS NULL AND content IS NOT NULL AND sent_at IS NOT NULL"
UNANSWERED = models.Q(order_number=None, content__isnull=False, sent_at__isnull=False)
PRESSED = f"""
SELECT {{columns}} FROM checkout_checkout
WHERE subject = %s AND (attempt = %s OR {IS_UNANSWERED})
"""  # noqa: S608
# For a SELECT of others, so that one statement reads it beside the shopper's session.
STANDING = f"""
    EXISTS (
        SELECT FROM cart_cart JOIN cart_cartline ON cart_cartline.cart_id = cart_cart.id
        WHERE cart_cart.subject = %(subject)s),
    EXISTS (
        SELECT FROM checkout_checkout WHERE subject = %(subject)s AND {IS_UNANSWERED})
"""  # noqa: S608


class Standing(NamedTuple):
    """What a shopper has: products in the cart, an order that was sent and not answered."""

    has_lines: bool
    is_unanswered: bool


class CheckoutQuerySet(models.QuerySet[Any]):
    def pressed(
        self, attempt: str, *, subject: str | None
    ) -> tuple[Checkout | None, Checkout | None]:
        """The subject's attempt of that id, and the one that is unanswered.

        The first is None for a foreign, unknown or malformed id.
        """
        try:
            key = uuid.UUID(attempt)
        except ValueError:
            key = None
        found = instances(Checkout, PRESSED, [subject, key])
        called = next((one for one in found if one.attempt == key), None)
        return called, next((one for one in found if one.is_unanswered), None)

    def unanswered(self, subject: str | None) -> Checkout | None:
        """The subject's open attempt, if it was sent and nobody knows what became of it."""
        return self.pressed("", subject=subject)[1] if subject is not None else None


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

    @property
    def is_unanswered(self) -> bool:
        is_open = self.order_number is None and self.content is not None
        return is_open and self.sent_at is not None

    def __str__(self) -> str:
        return f"attempt {self.attempt}"
