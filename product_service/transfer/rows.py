"""A row of a file, read: its texts, and what is wrong with its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from product_service.transfer.columns import CLEAR, COLUMNS, PRODUCT, SKU, VALUES, Column


@dataclass
class Row:
    """`wanted` holds no blank cells; "" there is a value to be cleared."""

    number: int
    sku: str
    product: str  # the slug that the file gives, or ""
    wanted: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    makes_product: bool = False

    def wrong(self, column: str, sentence: str) -> None:
        self.problems.append((column, sentence))


def read_row(number: int, cells: Mapping[str, str]) -> Row:
    row = Row(number, cells.get("sku", "")[:64], "")
    if not row.sku:
        row.wrong("sku", "Every row needs the SKU of a variant.")
    else:
        row.sku = _read(row, SKU, row.sku)
    if slug := cells.get("product", ""):
        row.product = _read(row, PRODUCT, slug)[:160]
    for column in VALUES:
        if text := cells.get(column.name, ""):
            _read_value(row, column, text)
    return row


def _read_value(row: Row, column: Column, text: str) -> None:
    if text.lower() != CLEAR:
        row.wanted[column.name] = _read(row, column, text)
    elif column.may_be_cleared:
        row.wanted[column.name] = ""
    else:
        row.wrong(column.name, f"“{CLEAR}” cannot empty it: it always has a value.")


def _read(row: Row, column: Column, text: str) -> str:
    try:
        return column.read(text)
    except ValidationError as error:
        row.wrong(column.name, " ".join(error.messages))
        return text


class Seen:
    """What rows further up in the file said, so that no two say different things."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}  # by SKU
        self._said: dict[tuple[str, str], tuple[str, int]] = {}  # by product and column
        self._options: dict[tuple[str, str], int] = {}

    def look(self, rows: Iterable[Row], slug_of: Mapping[str, str]) -> None:
        """`slug_of` has the slug of each row's product, by SKU."""
        for row in rows:
            self._look_at_sku(row)
            slug = slug_of.get(row.sku, "")
            for name, text in row.wanted.items():
                if COLUMNS[name].of_product:
                    said, number = self._said.setdefault((slug, name), (text, row.number))
                    if said != text:
                        row.wrong(
                            name,
                            f"Row {number} says something else of the same product. Make them"
                            " equal, or leave one of them blank.",
                        )
            self._look_at_options(row, slug)

    def _look_at_sku(self, row: Row) -> None:
        number = self.numbers.setdefault(row.sku, row.number)
        if number != row.number:
            row.wrong("sku", f"Row {number} has this SKU as well. Remove one of them.")

    def _look_at_options(self, row: Row, slug: str) -> None:
        if "options" not in row.wanted:
            return
        number = self._options.setdefault((slug, row.wanted["options"]), row.number)
        if number != row.number:
            row.wrong("options", f"Row {number} has the same options for the same product.")
