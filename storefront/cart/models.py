"""A guest's cart: what they mean to buy, and what it cost when they added or accepted it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from storefront.statements import instances, row

MAX_LINES = 50
MAX_QUANTITY = 99

LINES = """
SELECT {columns} FROM cart_cartline JOIN cart_cart ON cart_cart.id = cart_cartline.cart_id
WHERE cart_cart.subject = %s ORDER BY cart_cartline.id
"""
PIECES = """
SELECT coalesce(sum(quantity), 0)
FROM cart_cartline JOIN cart_cart ON cart_cart.id = cart_cartline.cart_id
WHERE cart_cart.subject = %s
"""


class Cart(models.Model):
    """One cart a subject (`guest:<id>`); it outlives sessions."""

    subject = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(db_default=Now())  # every change to a line renews it

    class Meta:
        indexes = [models.Index(fields=["touched_at"], name="cart_touched_at")]

    def __str__(self) -> str:
        return f"cart of {self.subject}"


class CartLineQuerySet(models.QuerySet[Any]):
    def of(self, subject: str | None) -> list[CartLine]:
        """The lines of a subject's cart, oldest first; none for a browser without a guest id."""
        return instances(CartLine, LINES, [subject]) if subject is not None else []

    def pieces_of(self, subject: str | None) -> int:
        """How many pieces of all products a subject's cart holds."""
        found = row(PIECES, [subject])
        return int(found[0]) if found else 0


class CartLine(models.Model):
    """A variant in a cart. Its name, picture and price are stored when it is added, and a new price
    when the shopper accepts it."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)  # as it was when the line was made
    variant_id = models.BigIntegerField(null=True)  # null: not known yet, the SKU says which
    quantity = models.PositiveSmallIntegerField()
    seen = models.JSONField()  # name, options, image, product_slug, unit_price as on the wire
    added_at = models.DateTimeField(auto_now_add=True)

    objects = CartLineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "variant_id"],
                condition=models.Q(variant_id__isnull=False),
                name="cart_line_once_a_variant",
            ),
            models.UniqueConstraint(
                fields=["cart", "sku"],
                condition=models.Q(variant_id__isnull=True),
                name="cart_line_once_an_unknown_variant",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="cart_line_quantity_1_to_99",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"
