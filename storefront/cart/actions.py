"""Changes to a cart. Each takes the owner's subject and one SKU, and touches the cart first.

Touching locks the cart's row until the change is committed: a cart that the sweep has found
overdue is either changed before it is deleted, and stays, or is gone before it is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now

from storefront.cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine


class CartFull(Exception):
    """The cart has as many lines as an order may have."""

    def __str__(self) -> str:
        return f"An order has at most {MAX_LINES} different products"


@transaction.atomic
def add_line(*, subject: str, sku: str, quantity: int, seen: Mapping[str, Any]) -> None:
    """Put more pieces of a SKU into the cart, 99 at most. Raises CartFull."""
    # The row lock makes the count below true for two additions at the same time.
    cart = _touched_or_new(subject)
    more = Least(F("quantity") + quantity, MAX_QUANTITY)
    if CartLine.objects.filter(cart=cart, sku=sku).update(quantity=more, seen=dict(seen)):
        return
    if cart.lines.count() >= MAX_LINES:
        raise CartFull
    CartLine.objects.create(cart=cart, sku=sku, quantity=quantity, seen=dict(seen))


@transaction.atomic
def set_quantity(*, subject: str, sku: str, quantity: int) -> int | None:
    """Change a line's quantity; gives the one before, or None if there is no such line."""
    _touch(subject)
    lines = CartLine.objects.filter(cart__subject=subject, sku=sku)
    before = lines.values_list("quantity", flat=True).first()
    lines.update(quantity=quantity)
    return before


@transaction.atomic
def remove_line(*, subject: str, sku: str) -> CartLine | None:
    """Take a line out; gives it, so that it can be put back."""
    _touch(subject)
    line = CartLine.objects.filter(cart__subject=subject, sku=sku).first()
    if line is not None:
        line.delete()
    return line


@transaction.atomic
def accept_price(*, subject: str, sku: str, unit_price: Mapping[str, str]) -> None:
    """The shopper has seen the new price of a line."""
    _touch(subject)
    lines = CartLine.objects.filter(cart__subject=subject, sku=sku)
    for seen in lines.values_list("seen", flat=True):
        lines.update(seen={**seen, "unit_price": dict(unit_price)})


@transaction.atomic
def take_ordered(*, subject: str, ordered: Mapping[str, int]) -> None:
    """Take what was ordered out of the cart; what was added since stays."""
    _touch(subject)
    for line in CartLine.objects.select_for_update().filter(cart__subject=subject):
        left = line.quantity - ordered.get(line.sku, 0)
        if left <= 0:
            line.delete()
        elif left < line.quantity:
            line.quantity = left
            line.save(update_fields=["quantity"])


def _touch(subject: str) -> None:
    Cart.objects.filter(subject=subject).update(touched_at=Now())


def _touched_or_new(subject: str) -> Cart:
    """One statement, so that no sweep can come between finding the cart and locking it."""
    (cart,) = Cart.objects.bulk_create(
        [Cart(subject=subject)],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["touched_at"],
    )
    return cart
