"""Changes to a cart. Each takes the owner's subject and first renews the cart's `touched_at`.

That locks the cart's row until the change is committed: a cart that the sweep has found
overdue is either changed before it is deleted, and stays, or is gone before it is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from chassis.money import WireMoney
from storefront.cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from storefront.clients.wanted import Wanted


class CartFull(Exception):
    """The cart has as many lines as an order may have."""

    def __str__(self) -> str:
        return f"An order has at most {MAX_LINES} different products"


@transaction.atomic
def raise_line(
    *, subject: str, wanted: Wanted, seen: Mapping[str, Any], most: int, is_more: bool
) -> tuple[int, int]:
    """Put pieces of a variant into the cart; gives how many it had before and has now.

    `is_more` adds them to those that are there; without it the cart has so many afterwards. This
    never raises a line above `most`, and never lowers it. Raises CartFull.
    """
    # The row lock makes the count below true for two additions at the same time.
    cart = _lock_or_make_cart(subject)
    line = _line_of(cart, wanted)
    if line is None:
        if cart.lines.count() >= MAX_LINES:
            raise CartFull
        line = CartLine(cart=cart, sku=wanted.sku, quantity=0)
    before = line.quantity
    line.quantity = max(before, min(wanted.quantity + before * is_more, most, MAX_QUANTITY))
    line.variant_id = wanted.variant_id or line.variant_id
    line.seen = dict(seen)
    line.save()
    return before, line.quantity


@transaction.atomic
def set_quantities(*, subject: str, quantities: Mapping[int, int]) -> None:
    """Set the quantities of lines, by their ids."""
    _lock_cart(subject)
    for line_id, quantity in quantities.items():
        CartLine.objects.filter(cart__subject=subject, pk=line_id).update(quantity=quantity)


@transaction.atomic
def remove_line(*, subject: str, line_id: int) -> None:
    _lock_cart(subject)
    CartLine.objects.filter(cart__subject=subject, pk=line_id).delete()


@transaction.atomic
def accept_price(*, subject: str, line_id: int, unit_price: WireMoney) -> None:
    """The shopper has seen the new price of a line."""
    _lock_cart(subject)
    lines = CartLine.objects.filter(cart__subject=subject, pk=line_id)
    for seen in lines.values_list("seen", flat=True):
        lines.update(seen={**seen, "unit_price": unit_price})


@transaction.atomic
def note_variants(*, subject: str, variants: Mapping[int, int]) -> None:
    """Note the variants (by line id) of lines whose SKU alone was known.

    Where the cart has a line of the variant already, the two become one.
    """
    _lock_cart(subject)
    for line in CartLine.objects.filter(cart__subject=subject, variant_id=None, pk__in=variants):
        same = CartLine.objects.filter(cart=line.cart_id, variant_id=variants[line.pk]).first()
        if same is None:
            CartLine.objects.filter(pk=line.pk).update(variant_id=variants[line.pk])
            continue
        line.delete()
        same.quantity = min(same.quantity + line.quantity, MAX_QUANTITY)
        same.save(update_fields=["quantity"])


@transaction.atomic
def take_ordered(*, subject: str, ordered: Sequence[Wanted]) -> None:
    """Take what was ordered out of the cart; what was added since stays."""
    _lock_cart(subject)
    for line in CartLine.objects.select_for_update().filter(cart__subject=subject):
        left = line.quantity - quantity_of(line, ordered)
        if left <= 0:
            line.delete()
        elif left < line.quantity:
            line.quantity = left
            line.save(update_fields=["quantity"])


def quantity_of(line: CartLine | Wanted, among: Iterable[Wanted]) -> int:
    """How many pieces of a line's variant are among others."""
    return sum(one.quantity for one in among if one.is_of(line.sku, line.variant_id))


def _line_of(cart: Cart, wanted: Wanted) -> CartLine | None:
    """The line of the variant; else the one of its SKU whose variant is not known yet."""
    lines = CartLine.objects.filter(cart=cart)
    if wanted.variant_id is None:
        return lines.filter(sku=wanted.sku).first()
    known = lines.filter(variant_id=wanted.variant_id).first()
    return known or lines.filter(variant_id=None, sku=wanted.sku).first()


def _lock_cart(subject: str) -> None:
    Cart.objects.filter(subject=subject).update(touched_at=Now())


def _lock_or_make_cart(subject: str) -> Cart:
    """One statement, so that no sweep can come between finding the cart and locking it."""
    (cart,) = Cart.objects.bulk_create(
        [Cart(subject=subject)],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["touched_at"],
    )
    return cart
