"""Undoes a bulk change within a day, except where something was changed since."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from product_service.bulk.lines import lines_of
from product_service.bulk.models import BulkChange, Kind, PriceLine, ProductLine
from product_service.bulk.writing import amounts, note, write
from product_service.catalogue.models import Category, Price, Product


@transaction.atomic
def undo(*, change: BulkChange, user: Any) -> BulkChange | None:
    """The change with what has become of it; None if its day is over or it was undone before."""
    row = BulkChange.objects.select_for_update().get(pk=change.pk)
    if not row.can_be_undone:
        return None
    lines = undoable(row, locked=True)
    write(row, lines, back=True)
    note(user, row, lines, back=True)
    row.undone_at, row.undone_by = timezone.now(), user.get_username()
    row.undo_left = lines_of(row).count() - len(lines)
    row.save(update_fields=["undone_at", "undone_by", "undo_left"])
    return row


def undoable(change: BulkChange, *, locked: bool = False) -> list[Any]:
    """The lines whose rows are still as the change left them."""
    if change.kind == Kind.PRICES:
        return _prices(list(change.price_lines.all()), locked)
    return _products(change, list(change.product_lines.all()), locked)


def _prices(lines: list[PriceLine], locked: bool) -> list[PriceLine]:
    prices = Price.objects.filter(pk__in=[line.variant_id for line in lines]).order_by("pk")
    if locked:
        prices = prices.select_for_update(of=("self",), no_key=True)
    now = {price.pk: (price.amount, price.prior_amount) for price in prices}
    return [line for line in lines if now.get(line.variant_id) == amounts(line, back=False)]


def _products(change: BulkChange, lines: list[ProductLine], locked: bool) -> list[ProductLine]:
    chosen = Product.objects.filter(pk__in=[line.product_id for line in lines]).order_by("pk")
    possible = chosen
    if change.kind == Kind.UNPUBLISH:
        possible = chosen.kept().buyable()
    allowed = set(possible.values_list("pk", flat=True))
    categories = set(Category.objects.values_list("pk", flat=True))
    rows = chosen.select_for_update(of=("self",), no_key=True) if locked else chosen
    now = {row.pk: row for row in rows}
    return [
        line
        for line in lines
        if line.product_id in allowed
        and all(getattr(now[line.product_id], name) == was for name, was in line.after.items())
        and line.before.get("category_id") in {None, *categories}
    ]
