"""Reads of carts, always from the subject that owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from storefront.cart.models import CartLine


class CartLineQuerySet(models.QuerySet[Any]):
    def of(self, subject: str | None) -> list[CartLine]:
        """The lines of a subject's cart, oldest first; none for a browser without a guest id."""
        return list(self.filter(cart__subject=subject)) if subject is not None else []
