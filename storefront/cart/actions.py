"""Changes to a cart. Each takes the owner's subject and first renews the cart's `touched_at`.

That locks the cart's row until the change is committed: a cart that the sweep has found
overdue is either changed before it is deleted, and stays, or is gone before it is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from chassis.money import WireMoney
from storefront.cart.lines import Raised, make_cart, raise_quantity
from storefront.cart.models import MAX_LINES, MAX_QUANTITY, CartLine
from storefront.clients.wanted import Wanted
from storefront.statements import row, run

LOCK = "UPDATE cart_cart SET touched_at = statement_timestamp() WHERE subject = %s"
LOCK_OR_MAKE = """
INSERT INTO cart_cart (subject, created_at, touched_at)
VALUES (%s, statement_timestamp(), statement_timestamp())
ON CONFLICT (subject) DO UPDATE SET touched_at = excluded.touched_at
RETURNING id
"""


class CartFull(Exception):
    """The cart has as many lines as an order may have."""

    def __str__(self) -> str:
        return f"An order has at most {MAX_LINES} different products"


def raise_line(
    *,
    subject: str,
    wanted: Wanted,
    seen: Mapping[str, Any],
    most: int,
    is_more: bool,
    is_new: bool = False,
) -> Raised:
    """Put pieces of a variant into the cart.

    `is_more` adds them to those that are there; without it the cart has so many afterwards. This
    never raises a line above `most`, and never lowers it. `is_new` says that the subject can hardly
    have a cart yet; then one statement makes it, without a lock. Raises CartFull.
    """
    if is_new and (made := make_cart(subject, wanted, seen, most=most)):
        return made
    return _raise_line(subject, wanted, seen, most=most, is_more=is_more)


@transaction.atomic
def _raise_line(
    subject: str, wanted: Wanted, seen: Mapping[str, Any], *, most: int, is_more: bool
) -> Raised:
    raised = raise_quantity(_lock_or_make_cart(subject), wanted, seen, most=most, is_more=is_more)
    if raised is None:
        raise CartFull
    return raised


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


def quantity_of(line: CartLine | Wanted, among: Iterable[Wanted]) -> int:
    """How many pieces of a line's variant are among others."""
    return sum(one.quantity for one in among if one.is_of(line.sku, line.variant_id))


def _lock_cart(subject: str) -> None:
    run(LOCK, [subject])


def _lock_or_make_cart(subject: str) -> int:
    """The cart's id. One statement, so that no sweep can come between finding and locking it."""
    found = row(LOCK_OR_MAKE, [subject])
    assert found
    return int(found[0])
