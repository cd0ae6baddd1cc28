"""What rows of a file would change: compared with the catalogue, nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.utils.text import slugify

from product_service.catalogue.models import Category, Option, Product, Variant
from product_service.transfer.columns import (
    COLUMNS,
    DEFAULTS,
    VALUES,
    options_of,
    options_text,
)
from product_service.transfer.models import ImportRow, Kind
from product_service.transfer.rows import Row, Seen
from product_service.transfer.snapshot import Known, known_variants, texts_of_product

JUMP = Decimal("0.5")  # of a price, up or down, from which one is asked whether it is meant
DROP_SHARE, DROP_PIECES = 0.5, 5


class Comparison:
    """Compares batches of one file, in the order of its rows."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._categories = set(Category.objects.values_list("slug", flat=True))
        self._options = set(Option.objects.values_list("code", flat=True))
        self._new_products: set[str] = set()  # that rows further up make

    def compare(self, rows: Sequence[Row]) -> list[ImportRow]:
        """A row of the table for each; those that change nothing as well."""
        found = known_variants({row.sku for row in rows})
        slugs = {row.sku: _slug(row, found.get(row.sku)) for row in rows}
        for row in rows:
            self._look_at_values(row)
            if row.sku in found:
                _forgive_what_stays(row, found[row.sku])
        self._seen.look(rows, slugs)
        there = Product.objects.filter(slug__in=set(slugs.values()))
        products = {each.slug: each for each in there}
        taken = _options_taken(there)
        for row in rows:
            known, slug = found.get(row.sku), slugs[row.sku]
            if known is None:
                self._look_at_new(row, slug, products.get(slug))
            else:
                _look_at_known(row, known)
            _look_at_options(row, slug, taken, is_known=known is not None)
        return [
            _compared(row, slugs[row.sku], found.get(row.sku), products.get(slugs[row.sku]))
            for row in rows
        ]

    def _look_at_values(self, row: Row) -> None:
        wanted = row.wanted
        if "category" in wanted and wanted["category"] not in self._categories:
            row.wrong("category", "There is no category with this slug.")
        if "options" in wanted and not _is_wrong(row, "options"):
            unknown = set(options_of(wanted["options"])) - self._options
            if unknown:
                row.wrong("options", f"No option is called {', '.join(sorted(unknown))}.")

    def _look_at_new(self, row: Row, slug: str, product: Product | None) -> None:
        if not slug:
            row.wrong("product", "A new SKU needs the slug of its product, or a name to make one.")
        if product is not None and product.deleted_at:
            row.wrong("product", "This product was removed. Restore it first.")
        row.makes_product = product is None and slug not in self._new_products
        for column in VALUES:
            is_asked = row.makes_product or not column.of_product
            if column.is_needed and is_asked and not row.wanted.get(column.name):
                row.wrong(column.name, "A new row needs it.")
        _look_at_prices(row, {})
        if not row.problems and product is None:
            self._new_products.add(slug)


def _slug(row: Row, known: Known | None) -> str:
    if known is not None:
        return known.variant.product.slug
    return row.product or slugify(row.wanted.get("name", ""))[:160]


def _options_taken(products: Collection[Product]) -> dict[tuple[str, str], str]:
    """By slug and options, the SKU that has them."""
    variants = Variant.objects.filter(product__in=products)
    rows = variants.values_list("product__slug", "options", "sku")
    return {(slug, options_text(options)): sku for slug, options, sku in rows}


def _look_at_options(
    row: Row, slug: str, taken: Mapping[tuple[str, str], str], *, is_known: bool
) -> None:
    if is_known and "options" not in row.wanted:
        return
    owner = taken.get((slug, row.wanted.get("options", "")))
    if owner is not None and owner != row.sku:
        row.wrong("options", f"{owner} of the same product has these options.")


def _forgive_what_stays(row: Row, known: Known) -> None:
    """A value that is there already is no error, whatever one would say of a new one."""
    row.problems = [
        (name, sentence)
        for name, sentence in row.problems
        if name not in row.wanted or row.wanted[name] != known.texts[name]
    ]


def _look_at_known(row: Row, known: Known) -> None:
    if row.product and row.product != known.variant.product.slug:
        row.wrong(
            "product",
            f"This SKU belongs to {known.variant.product.slug}. A SKU does not change its product,"
            " and a product not its address, here.",
        )
    if known.variant.product.deleted_at:
        row.wrong("sku", "Its product was removed. Restore it first.")
    _look_at_prices(row, known.texts)
    _look_at_stock(row, known)


def _look_at_prices(row: Row, now: Mapping[str, str]) -> None:
    if _is_wrong(row, "price") or _is_wrong(row, "prior_price"):
        return
    price, prior = (row.wanted.get(name, now.get(name, "")) for name in ("price", "prior_price"))
    changes = {"price", "prior_price"} & row.wanted.keys()
    if changes and price and prior and Decimal(prior) <= Decimal(price):
        row.wrong("prior_price", "The prior price must be higher than the price.")
    before = Decimal(now.get("price") or 0)
    if before and "price" in row.wanted and abs(Decimal(price) - before) > JUMP * before:
        row.warnings.append(("price", f"{_times(Decimal(price), before)}: {before} now, {price}."))


def _times(price: Decimal, before: Decimal) -> str:
    if price > before:
        return f"{(price / before).quantize(Decimal('0.1')).normalize():f} times the price"
    return f"{int(100 - 100 * price / before)} % less"


def _look_at_stock(row: Row, known: Known) -> None:
    if "on_hand" not in row.wanted or _is_wrong(row, "on_hand"):
        return
    before, after = int(known.texts["on_hand"]), int(row.wanted["on_hand"])
    if after < known.reserved and after != before:
        row.wrong(
            "on_hand",
            f"Orders hold {known.reserved} of the pieces, so {after} would be too few. Count again,"
            " or cancel an order first.",
        )
    elif before - after >= DROP_PIECES and after < DROP_SHARE * before:
        row.warnings.append(("on_hand", f"{before} on the books, {after} in the file."))


def _is_default_of(row: Row, name: str) -> bool:
    """A new variant has defaults of its own; its product only if the row makes it, too."""
    return row.makes_product or not COLUMNS[name].of_product


def _is_wrong(row: Row, column: str) -> bool:
    return any(name == column for name, _ in row.problems)


def _compared(row: Row, slug: str, known: Known | None, product: Product | None) -> ImportRow:
    compared = ImportRow(
        number=row.number,
        sku=row.sku,
        product=slug,
        problems=row.problems,
        warnings=row.warnings,
        kind=Kind.ERROR,
    )
    if row.problems:
        compared.warnings = []
        return compared
    if known is not None:
        now, wanted = known.texts, row.wanted
    else:
        now = texts_of_product(product) if product else {}
        wanted = {name: text for name, text in DEFAULTS.items() if _is_default_of(row, name)}
        wanted |= row.wanted
    compared.changes = {
        name: [now.get(name, ""), text]
        for name, text in wanted.items()
        if text != now.get(name, "")
    }
    if known is None:
        compared.kind = Kind.NEW
    else:
        compared.kind = Kind.CHANGED if compared.changes else Kind.UNCHANGED
    return compared
