"""Book differences of many stock items at once: what an import says was counted, and its undo."""

from __future__ import annotations

from collections.abc import Mapping

from product_service.inventory.actions import open_stock
from product_service.inventory.models import Reason, StockMovement
from product_service.inventory.movements import LockedStock, Movement


def book_differences(
    differences: Mapping[int, int], *, reference: str, reason: Reason, actor: str, note: str
) -> set[int]:
    """Add each difference to what is on hand of its variant; in the caller's transaction, and last.

    Returns the variants whose stock does not allow it, because orders hold the pieces. `reference`
    is completed with the variant's id; what was booked under it before is not booked again.
    """
    references = {pk: f"{reference}:{pk}" for pk, pieces in differences.items() if pieces}
    open_stock(variant_ids=sorted(differences))
    if not references:
        return set()
    stock = LockedStock(references)
    known = StockMovement.objects.filter(reference__in=references.values())
    booked = set(known.values_list("reference", flat=True))
    refused = set()
    for pk, own in references.items():
        movement = Movement(own, pk, differences[pk], 0, reason, actor, note=note)
        if own not in booked and stock.move([movement]):
            refused.add(pk)
    stock.write()
    return refused
