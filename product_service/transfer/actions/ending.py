"""What is written down at the end of each batch: outcomes, histories, counts."""

from __future__ import annotations

from collections.abc import Sequence

from product_service.catalogue.models import Product
from product_service.transfer.history import note_products
from product_service.transfer.models import Import, ImportRow, Outcome, State

ENDS = {State.IMPORTING: State.IMPORTED, State.UNDOING: State.UNDONE}
KEPT = ("done", "made", "left", "outcome")


def settle(of: Import, rows: Sequence[ImportRow]) -> None:
    """After an import: an outcome for each row, and an entry in the history of each product."""
    settle_rows(rows)
    tell(of, {row: row.done for row in rows if row.done})


def settle_rows(rows: Sequence[ImportRow]) -> None:
    for row in rows:
        if not row.left:
            row.outcome = Outcome.DONE
        else:
            row.outcome = Outcome.PARTLY if row.done else Outcome.LEFT
    keep(rows)


def keep(rows: Sequence[ImportRow]) -> None:
    """Write what became of rows that there are: a third of what Django's bulk_update takes."""
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=KEPT
    )


def tell(of: Import, changes: dict[ImportRow, dict[str, list[str]]]) -> None:
    by_slug: dict[str, list[str]] = {}
    for row, own in changes.items():
        told = ", ".join(f"{name} {_short(a)} → {_short(b)}" for name, (a, b) in own.items())
        by_slug.setdefault(row.product, []).append(f"{row.sku}: {told}")
    products = Product.objects.filter(slug__in=by_slug)
    note_products(of, {each: "; ".join(by_slug[each.slug]) for each in products})


def _short(text: str) -> str:
    return (f"{text[:40]}…" if len(text) > 40 else text) or "empty"
