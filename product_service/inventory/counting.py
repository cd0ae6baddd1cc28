"""Setting the stock of several variants to what was counted, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.ids import uuid7
from product_service.inventory.actions import open_stock
from product_service.inventory.errors import StockIsReserved
from product_service.inventory.models import Reason
from product_service.inventory.movements import LockedStock, Movement
from product_service.inventory.transactions import in_transaction


@in_transaction
def count_stock(*, counts: Mapping[int, int], actor: str, note: str = "") -> None:
    """Let `counts` pieces be on hand of each variant, by its id.

    The first stock of a variant counts as received. Raises StockIsReserved, and changes nothing,
    if orders hold more of one than are there.
    """
    if not counts:
        return
    open_stock(variant_ids=counts)
    stock, movements = LockedStock(counts), []
    for variant_id, pieces in sorted(counts.items()):
        before = stock.of(variant_id)
        if change := pieces - before.on_hand:
            reason = Reason.COUNTED if before.version else Reason.RECEIVED
            reference = f"adjust:{uuid7()}"
            movements.append(Movement(reference, variant_id, change, 0, reason, actor, note=note))
    if stock.move(movements):
        raise StockIsReserved("Orders hold more than was counted. Count again.")
    stock.write()
