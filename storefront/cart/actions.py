"""Changes to a cart. Each takes the owner's subject and one SKU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from storefront.cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine


class CartFull(Exception):
    """The cart has as many lines as an order may have."""

    def __str__(self) -> str:
        return f"An order has at most {MAX_LINES} different products"


@transaction.atomic
def add_line(*, subject: str, sku: str, quantity: int, seen: Mapping[str, Any]) -> None:
    """Put more pieces of a SKU into the cart, 99 at most. Raises CartFull."""
    Cart.objects.get_or_create(subject=subject)
    # The row lock makes the count below true for two additions at the same time.
    cart = Cart.objects.select_for_update().get(subject=subject)
    more = Least(F("quantity") + quantity, MAX_QUANTITY)
    if CartLine.objects.filter(cart=cart, sku=sku).update(quantity=more, seen=dict(seen)):
        return
    if cart.lines.count() >= MAX_LINES:
        raise CartFull
    CartLine.objects.create(cart=cart, sku=sku, quantity=quantity, seen=dict(seen))


def set_quantity(*, subject: str, sku: str, quantity: int) -> int | None:
    """Change a line's quantity; gives the one before, or None if there is no such line."""
    lines = CartLine.objects.filter(cart__subject=subject, sku=sku)
    before = lines.values_list("quantity", flat=True).first()
    lines.update(quantity=quantity)
    return before


def remove_line(*, subject: str, sku: str) -> CartLine | None:
    """Take a line out; gives it, so that it can be put back."""
    line = CartLine.objects.filter(cart__subject=subject, sku=sku).first()
    if line is not None:
        line.delete()
    return line


def accept_price(*, subject: str, sku: str, unit_price: Mapping[str, str]) -> None:
    """The shopper has seen the new price of a line."""
    lines = CartLine.objects.filter(cart__subject=subject, sku=sku)
    for seen in lines.values_list("seen", flat=True):
        lines.update(seen={**seen, "unit_price": dict(unit_price)})


@transaction.atomic
def take_ordered(*, subject: str, ordered: Mapping[str, int]) -> None:
    """Take what was ordered out of the cart; what was added since stays."""
    for line in CartLine.objects.select_for_update().filter(cart__subject=subject):
        left = line.quantity - ordered.get(line.sku, 0)
        if left <= 0:
            line.delete()
        elif left < line.quantity:
            line.quantity = left
            line.save(update_fields=["quantity"])
