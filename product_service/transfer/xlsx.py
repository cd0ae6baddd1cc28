"""XLSX: the first sheet of a workbook, read and written row by row.

A workbook is a zip of XML, so a small file can hold a huge one. What it says of its size is checked
before anything is unpacked, and Python's zipfile never unpacks more than that.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from chassis.numbers import written
from product_service.jobs.kinds import JobRefused
from product_service.transfer.escaping import escaped

MOST_UNPACKED = 48 * 1024 * 1024  # bytes; 20,000 rows are some 25 MB
MOST_PARTS = 200
UNREADABLE = "The workbook cannot be read. Save it as XLSX once more, or as CSV."


def rows(content: bytes) -> Iterator[list[str]]:
    """Raises JobRefused."""
    _check(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in row]
    except (
        *(InvalidFileException, zipfile.BadZipFile, ParseError),
        *(KeyError, ValueError, IndexError, AttributeError, TypeError, EOFError, OSError),
    ):
        raise JobRefused(UNREADABLE) from None


def _check(content: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise JobRefused(UNREADABLE) from None
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise JobRefused(
            "Unpacked, the workbook is larger than 48 MB. Copy the products into a new one, or"
            " split it."
        )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float():
            return written(Decimal(repr(value)))
        case datetime() | date():
            return value.isoformat()
    return str(value)


def workbook(heading: Iterable[str], lines: Iterable[Iterable[str]]) -> bytes:
    """One sheet of texts; none of them is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    sheet.freeze_panes = "B2"
    for line in chain([heading], lines):
        sheet.append([escaped(text) for text in line])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
