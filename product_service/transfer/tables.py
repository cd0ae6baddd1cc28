"""An uploaded file as a heading and rows of texts, whatever its format. What is no such file is
refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from product_service.jobs.kinds import JobRefused
from product_service.transfer import csv_file
from product_service.transfer.columns import COLUMNS
from product_service.transfer.escaping import unescaped

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_IN_CELL = 20_000  # characters
XLSX_BEGINS = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """`rows` gives each row that is not empty: its number, as a spreadsheet counts, and its cells
    by column."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[int, dict[str, str]]]


def open_table(content: bytes) -> Table:
    """Raises JobRefused for what is no table of ours."""
    if len(content) > MOST_BYTES:
        raise JobRefused("The file is larger than 10 MB. Split it, and upload the parts in turn.")
    raw = _raw(content)
    heading = next(raw, None)
    if heading is None:
        raise JobRefused("The file is empty.")
    columns = _columns(heading)
    return Table(columns, _rows(columns, raw))


def _raw(content: bytes) -> Iterator[list[str]]:
    if content.startswith(XLSX_BEGINS):
        # openpyxl is 20 MiB that a process without such a file never needs.
        from product_service.transfer import xlsx  # noqa: PLC0415

        return xlsx.rows(content)
    return csv_file.rows(content, COLUMNS)


def _columns(heading: list[str]) -> tuple[str, ...]:
    names = [unescaped(cell.strip()).lower().replace(" ", "_") for cell in heading]
    while names and not names[-1]:
        names.pop()
    names = ["" if name == "problem" else name for name in names]  # of an error file
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        raise JobRefused(_unknown(unknown))
    if "sku" not in names:
        raise JobRefused("The first row must name the columns, and one of them must be “sku”.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise JobRefused(f"The column “{twice[0]}” is there twice. Remove one of them.")
    return tuple(names)


def _unknown(names: list[str]) -> str:
    near = get_close_matches(names[0], COLUMNS, 1)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    listed = ", ".join(f"“{name[:40]}”" for name in names[:5])
    return f"No column is called {listed}.{meant} The columns are: {', '.join(COLUMNS)}."


def _rows(
    columns: tuple[str, ...], raw: Iterator[list[str]]
) -> Iterator[tuple[int, dict[str, str]]]:
    found = 0
    for number, cells in enumerate(raw, start=2):
        texts = [unescaped(_lines(cell)) for cell in cells]
        if not any(texts):
            continue
        found += 1
        if found > MOST_ROWS:
            raise JobRefused(
                f"The file has more than {MOST_ROWS:,} rows. Split it and upload the parts."
            )
        if any(len(text) > MOST_IN_CELL for text in texts):
            raise JobRefused(f"Row {number} has a cell with more than {MOST_IN_CELL:,} characters.")
        if any(texts[len(columns) :]):
            raise JobRefused(
                f"Row {number} has more cells than the heading. Is a text with a separator in it"
                " without quotes?"
            )
        yield number, {name: text for name, text in zip(columns, texts, strict=False) if name}


def _lines(cell: str) -> str:
    return cell.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()
