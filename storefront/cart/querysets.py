"""Reads of carts, always from the subject that owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from storefront.cart.models import CartLine


class CartQuerySet(models.QuerySet[Any]):
    def lines_of(self, subject: str | None) -> list[CartLine]:
        """The lines of a subject's cart, oldest first; none for a browser without a guest id."""
        if subject is None:
            return []
        cart = self.filter(subject=subject).prefetch_related("lines").first()
        return list(cart.lines.all()) if cart else []
