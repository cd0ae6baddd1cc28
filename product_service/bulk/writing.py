"""Writes lines of a bulk change, or undoes them, and tells each product's history.

All of a change is written in one transaction. These functions take any of its lines, so that a
worker could write a very long change in batches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from product_service.bulk.models import BulkChange, Kind, PriceLine, ProductLine
from product_service.catalogue import actions
from product_service.catalogue.in_bulk import change_prices, move_products
from product_service.catalogue.models import Category, Product, Variant

MOST_NAMED = 20  # variants in one entry of a history


def write(change: BulkChange, lines: Sequence[Any], *, back: bool = False) -> None:
    """Let each row be as its line says: `after`, or `before` if it goes `back`."""
    if change.kind == Kind.PRICES:
        change_prices(prices={line.variant_id: amounts(line, back=back) for line in lines})
        return
    by_columns: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for line in lines:
        for column in (line.before if back else line.after).items():
            by_columns[column].append(line.product_id)
    for (name, value), ids in by_columns.items():
        _set(name, value, ids)


def amounts(line: PriceLine, *, back: bool) -> tuple[Any, Any]:
    """What the price and the prior price are to be."""
    return (line.before, line.prior_before) if back else (line.after, line.prior_after)


def note(user: Any, change: BulkChange, lines: Sequence[Any], *, back: bool = False) -> None:
    """An entry in the history of each product: what, why and by which change."""
    told = _told_prices(lines, back) if change.kind == Kind.PRICES else _told(lines, back)
    kind = ContentType.objects.get_for_model(Product)
    names = Product.objects.in_bulk(list(told)) if told else {}
    head = f"{'Undone: ' if back else ''}{change} "
    why = f" Reason: {change.reason}" if change.reason and not back else ""
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user.pk,
            content_type=kind,
            object_id=str(pk),
            object_repr=str(names[pk])[:200],
            action_flag=CHANGE,
            change_message=f"{head}({what}).{why}",
        )
        for pk, what in told.items()
    )


def _set(name: str, value: Any, ids: list[int]) -> None:
    products = Product.objects.filter(pk__in=ids)
    if name == "category_id":
        move_products(product_ids=ids, category_id=value)
    elif value:
        actions.publish(products=products)
    else:
        actions.unpublish(products=products)


def _told_prices(lines: Iterable[PriceLine], back: bool) -> Mapping[int, str]:
    variants = Variant.objects.in_bulk([line.variant_id for line in lines])
    by_product: dict[int, list[str]] = defaultdict(list)
    for line in lines:
        variant = variants[line.variant_id]
        old, new = (line.after, line.before) if back else (line.before, line.after)
        by_product[variant.product_id].append(f"{variant.sku} {old} → {new}")
    return {pk: _listed(changes) for pk, changes in by_product.items()}


def _listed(changes: list[str]) -> str:
    rest = len(changes) - MOST_NAMED
    return ", ".join(changes[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _told(lines: Iterable[ProductLine], back: bool) -> Mapping[int, str]:
    names = {each.pk: each.name for each in Category.objects.all()}
    return {line.product_id: shown(line.before if back else line.after, names) for line in lines}


def shown(columns: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """`Published`, `Unpublished`, or the name of a category out of `names`."""
    if "category_id" in columns:
        return names.get(columns["category_id"], "a deleted category")
    return "Published" if columns["is_published"] else "Unpublished"
