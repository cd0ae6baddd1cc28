"""One batch of rows of an import, done or undone, in the caller's transaction.

plan     what of each row still holds: a value is changed only if it is what the check saw
write    products, variants, prices, publishing, and stock last
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from product_service.catalogue import actions as catalogue
from product_service.catalogue.models import Product, Variant
from product_service.inventory.differences import book_differences
from product_service.inventory.models import Reason
from product_service.transfer import writing
from product_service.transfer.columns import COLUMNS
from product_service.transfer.models import Import, ImportRow
from product_service.transfer.snapshot import Known, known_variants, lock_products

ORDERS_HOLD = "Orders hold the pieces, so they cannot be taken away."
NOTHING_TO_BUY = "It is not published: no variant is sold at a price."


@dataclass
class Batch:
    """The rows, and the catalogue as it is under the locks of their products."""

    of: Import
    rows: Sequence[ImportRow]
    reference: str  # of the movements of stock
    products: dict[str, Product] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        skus = {row.sku for row in self.rows}
        self.products = lock_products(skus, {row.product for row in self.rows})
        self.look_up(skus)

    def look_up(self, skus: Collection[str]) -> None:
        """Those that there are are known from now on."""
        found = known_variants(skus)
        for each in found.values():  # one object a product: rows of one write to the same
            each.variant.product = self.products[each.variant.product.slug]
        self.known |= found

    def change(self, wanted: Mapping[ImportRow, Mapping[str, tuple[str, str]]]) -> None:
        """Write what is wanted of rows whose variants are known: column -> (before, after)."""
        after = {
            row: {name: texts[1] for name, texts in changes.items()}
            for row, changes in wanted.items()
        }
        self._change_products(after)
        variants = {self.known[row.sku].variant: values for row, values in after.items()}
        of_variants = _with(variants, "options", "active")
        if of_variants:
            writing.change_variants(of_variants)
        if prices := _with(variants, "price", "prior_price"):
            writing.change_prices(prices)
        self._publish(after)

    def _change_products(self, after: Mapping[ImportRow, Mapping[str, str]]) -> None:
        wanted: dict[Product, dict[str, str]] = defaultdict(dict)
        for row, values in after.items():
            own = {name: text for name, text in values.items() if COLUMNS[name].of_product}
            own.pop("published", None)
            if own:
                wanted[self.known[row.sku].variant.product] |= own
        if wanted:
            writing.change_products(wanted, writing.categories_by_slug())

    def _publish(self, after: Mapping[ImportRow, Mapping[str, str]]) -> None:
        """Last: what can be bought is known only then."""
        asked = {row: values["published"] for row, values in after.items() if "published" in values}
        product_of = {row: self.known[row.sku].variant.product for row in asked}
        hidden = {product_of[row] for row, text in asked.items() if text == "no"}
        shown = {product_of[row] for row, text in asked.items() if text == "yes"}
        if hidden:
            catalogue.unpublish(products=hidden)
        refused = set(catalogue.publish(products=shown)) if shown else set()
        for row, text in asked.items():
            if text == "yes" and product_of[row] in refused:
                leave(row, "published", NOTHING_TO_BUY)

    def book(self, differences: Mapping[ImportRow, int]) -> list[ImportRow]:
        """Move the stock of each row by its difference, through the ledger; the last that is done,
        because orders wait for these rows. Returns the rows whose stock does not allow it."""
        by_variant = {self.known[row.sku].variant.pk: row for row in differences}
        refused = book_differences(
            {pk: differences[row] for pk, row in by_variant.items()},
            reference=self.reference,
            reason=Reason.COUNTED,
            actor=f"staff:{self.of.by}"[:80],
            note=str(self.of)[:200],
        )
        for pk in refused:
            leave(by_variant[pk], "on_hand", ORDERS_HOLD)
        return [by_variant[pk] for pk in refused]


def leave(row: ImportRow, column: str, sentence: str) -> None:
    """Note that it was not done, and why."""
    row.left.append([column, sentence])
    row.done.pop(column, None)


def _with(
    variants: Mapping[Variant, Mapping[str, str]], *names: str
) -> dict[Variant, dict[str, str]]:
    found = {
        variant: {name: values[name] for name in names if name in values}
        for variant, values in variants.items()
    }
    return {variant: values for variant, values in found.items() if values}
