"""A count of the pieces in the house, compared with the books before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from product_service.inventory.models import StockItem


@dataclass(frozen=True)
class Count:
    """What somebody counted in the house, pieces held for orders included.

    `confirmed` is the stock with which they have seen it compared, if they have.
    """

    item: StockItem
    counted: int
    confirmed: int | None

    @property
    def difference(self) -> int:
        return self.counted - self.item.on_hand

    @property
    def is_settled(self) -> bool:
        """Whether it can be saved without asking: the difference was seen, or there is none."""
        return self.difference == 0 or self.confirmed == self.item.on_hand

    @property
    def too_few(self) -> str:
        """Why it is refused when orders hold more than was counted."""
        return (
            f"Orders hold {self.item.reserved} of the pieces, so a count of {self.counted} leaves"
            " too few. Count again, or cancel an order first."
        )

    def sentences(self) -> Iterator[str]:
        """What saving it would do."""
        item = self.item
        if self.confirmed not in (None, item.on_hand):
            yield f"The stock has changed meanwhile, from {self.confirmed} to {item.on_hand}."
        does = "adds" if self.difference > 0 else "takes away"
        yield (
            f"{item.on_hand} on the books, you counted {self.counted}:"
            f" {does} {abs(self.difference)}."
        )
        if item.reserved:
            left = self.counted - item.reserved
            yield f"Orders hold {item.reserved} of them, so {left} are left to sell."
